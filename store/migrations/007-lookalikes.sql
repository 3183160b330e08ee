-- Sites by what they share with their copies: a print each, the values it is looked up by, and who is like whom.

create table site_print (
  site text primary key,
  at timestamptz not null,
  print jsonb not null
);
create table site_value (
  value text not null,
  site text not null references site_print (site),
  primary key (value, site)
);
create index site_value_site on site_value (site);
create table look_alike (
  site text not null references site_print (site),
  other text not null references site_print (site),
  score double precision not null,
  reasons jsonb not null,
  at timestamptz not null,
  primary key (site, other)
);
create index look_alike_other on look_alike (other);
