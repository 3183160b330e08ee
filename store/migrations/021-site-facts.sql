-- What was learned of a capture's host beside its pages: the name of a blob (domain/site-facts.ts).
alter table capture add column facts text;
