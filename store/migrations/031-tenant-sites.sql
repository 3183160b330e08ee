-- Sites that show a marketplace's own listings: what a visit sees there is the marketplace's, under its name alone.
alter table tenant add column sites text[] not null default '{}';
