-- Up to which row of the ledger roots and evidence of cases were asked to be stamped by an authority.
create table stamp_asked (
  authority text primary key,
  seq bigint not null
);
