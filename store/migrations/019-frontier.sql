-- The frontier at the size of a country: what is told of a scan is counted as it happens, news of a scan is one range
-- of an index, hosts are due in turn among those who asked, and addresses of one shape have a budget.

-- Counted in the transaction that ends an address. A scan has the sums of its visits that are done, and of all its
-- seeds; what visits under way add to it is in their own rows, so that no two visits write the same row for each page.
alter table visit
  add column seeds integer not null default 0,
  add column due integer not null default 0,
  add column captured integer not null default 0,
  add column failed integer not null default 0,
  add column skipped integer not null default 0;
alter table scan
  add column hosts integer not null default 0,
  add column hosts_done integer not null default 0,
  add column due integer not null default 0,
  add column captured integer not null default 0,
  add column failed integer not null default 0,
  add column skipped integer not null default 0;

update visit set seeds = n.seeds, due = n.due, captured = n.captured, failed = n.failed, skipped = n.skipped
from (select visit_id, count(*) filter (where seed) as seeds, count(*) filter (where state = 'due') as due,
        count(*) filter (where outcome = 'captured') as captured, count(*) filter (where outcome = 'failed') as failed,
        count(*) filter (where outcome = 'skipped') as skipped
      from frontier group by visit_id) as n
where n.visit_id = visit.id;
update scan set hosts = n.hosts, hosts_done = n.hosts_done, due = n.due, captured = n.captured, failed = n.failed,
  skipped = n.skipped
from (select scan_id, count(*) as hosts, count(*) filter (where state = 'done') as hosts_done,
        coalesce(sum(case state when 'done' then due else seeds end), 0) as due,
        coalesce(sum(captured) filter (where state = 'done'), 0) as captured,
        coalesce(sum(failed) filter (where state = 'done'), 0) as failed,
        coalesce(sum(skipped) filter (where state = 'done'), 0) as skipped
      from visit group by scan_id) as n
where n.scan_id = scan.id;
create index scan_open on scan (requested_at, id) where hosts_done < hosts;
create index visit_begun on visit (scan_id) where state <> 'done' and started_at is not null;
create index visit_resting on visit (scan_id, not_before) where state <> 'done' and not_before is not null;

-- Who asked for a visit, which has a turn in each round, or several: `weight`. Within a lane the most urgent is first.
alter table visit
  add column lane text not null default '',
  add column weight smallint not null default 1 check (weight between 1 and 100),
  add column urgency smallint not null default 0;
create index visit_lane on visit (lane, urgency desc, queued_at, id) where state <> 'done';

-- Written as an address ends, so that what is due needs no more room than before.
alter table frontier add column scan_id uuid;
update frontier set scan_id = visit.scan_id from visit where visit.id = frontier.visit_id and frontier.state = 'done';
drop index frontier_news;
create index frontier_told on frontier (scan_id, finished_seq) where state = 'done';
drop index frontier_due;
create index frontier_due on frontier (visit_id, priority desc, depth, url_key)
  where state = 'due' and not_before is null;
create index frontier_deferred on frontier (visit_id, not_before) where state = 'due' and not_before is not null;

-- Addresses that differ in numbers and names alone have one shape: how many of it a visit knows, and how alike the
-- pages were that were read last. `prints` are SimHashes in hex, newest last.
alter table frontier add column shape text;
create table path_shape (
  visit_id uuid not null references visit (id),
  shape text not null,
  known integer not null,
  alike integer not null default 0,
  prints text[] not null default '{}',
  is_stopped boolean not null default false,
  primary key (visit_id, shape)
);

-- Sources have a rank now; those written before have the usual one, and are the same as before.
update source set plan = plan || '{"priority": "normal"}' where not plan ? 'priority';
