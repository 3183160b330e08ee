-- What is told of the house in numbers, counted as it happens, so that no look at the numbers reads everything.

-- Added to, and folded now and then (store/tally.ts): no two writers wait for one row. `day` is of Almaty's clock.
-- name: 'stands STATE LANE' (cases that stand there, as changes), 'act KIND', 'left handed_over', 'left blocked'.
create table tally (
  day date not null,
  name text not null,
  label text not null,
  n bigint not null
);
create index tally_name on tally (name, day);

create function tally_day(at timestamptz) returns date language sql immutable parallel safe as $$
  select (at at time zone 'Asia/Almaty')::date
$$;
-- A store that takes another one in takes its counts in as well.
create function is_taking_in() returns boolean language sql stable as $$
  select coalesce(current_setting('kuzet.taking_in', true), '') = 'on'
$$;

create function tally_case() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    insert into tally values (tally_day(new.updated_at), 'stands ' || old.state || ' ' || old.lane, old.label, -1);
  end if;
  insert into tally values (tally_day(new.updated_at), 'stands ' || new.state || ' ' || new.lane, new.label, 1);
  return null;
end
$$;
create trigger case_counted after insert on cases for each row when (not is_taking_in()) execute function tally_case();
create trigger case_moved after update on cases for each row
  when (old.state <> new.state or old.lane <> new.lane or old.label <> new.label) execute function tally_case();

create function tally_act() returns trigger language plpgsql as $$
begin
  insert into tally select tally_day(new.at), 'act ' || new.kind, label, 1 from cases where id = new.case_id;
  return null;
end
$$;
-- Sights of what is known already are many, and another's affair; a batch issued again refers nothing anew.
create trigger act_counted after insert on act for each row
  when (new.kind <> 'seen_again' and not (new.kind = 'referred' and new.facts ? 'insteadOf') and not is_taking_in())
  execute function tally_act();

-- The first hand-over of a referral, and the first time that it was blocked or taken down.
create function tally_passage() returns trigger language plpgsql as $$
begin
  insert into tally select tally_day(new.at),
    case new.kind when 'handed_over' then 'left handed_over' else 'left blocked' end, c.label, 1
  from cases c where c.id = new.case_id and not exists (
    select 1 from passage_event e where e.case_id = new.case_id and e.n < new.n
      and (e.kind = 'handed_over') = (new.kind = 'handed_over') and e.kind in ('handed_over', 'restricted', 'removed'));
  return null;
end
$$;
create trigger passage_counted after insert on passage_event for each row
  when (new.kind in ('handed_over', 'restricted', 'removed') and not is_taking_in()) execute function tally_passage();

-- What there was before anybody counted. Of where cases stood in between nothing is known: from the day that they were
-- opened they stand open, from the day of their last change where they stand now.
insert into tally select tally_day(opened_at), 'stands open desk', label, count(*) from cases group by 1, 3;
insert into tally select tally_day(updated_at), 'stands open desk', label, -count(*) from cases group by 1, 3;
insert into tally select tally_day(updated_at), 'stands ' || state || ' ' || lane, label, count(*) from cases group by 1, 2, 3;
insert into tally select tally_day(a.at), 'act ' || a.kind, c.label, count(*) from act a join cases c on c.id = a.case_id
  where a.kind <> 'seen_again' and not (a.kind = 'referred' and a.facts ? 'insteadOf') group by 1, 2, 3;
insert into tally select tally_day(e.at), e.name, c.label, count(*) from (
  select case_id, case kind when 'handed_over' then 'left handed_over' else 'left blocked' end as name, min(at) as at
  from passage_event where kind in ('handed_over', 'restricted', 'removed') group by 1, 2
) e join cases c on c.id = e.case_id group by 1, 2, 3;

-- What is decided, by when; the oldest of each kind of waiting; appeals by when they were judged.
create index act_decided on act (at) where kind in ('confirmed', 'approved', 'dismissed', 'overturned', 'disagreed', 'reversed');
create index cases_oldest on cases (state, lane, opened_at);
create index appeal_judged on appeal (judged_at) where judged_at is not null;

-- Visits that are done and counted (`figure` has their sums); the others are few, and counted when asked.
alter table visit add column counted boolean not null default false;
create index visit_uncounted on visit (id) where not counted;
create table figure (
  name text not null,
  labels jsonb not null,
  n bigint not null
);
create index figure_name on figure (name);
-- Runs of sources are rare enough to be counted as they end.
create function figure_source() returns trigger language plpgsql as $$
begin
  insert into figure values ('source_addresses_total', jsonb_build_object('source', new.source), new.fresh);
  return null;
end
$$;
create trigger source_counted after insert on source_run for each row
  when (new.fresh > 0 and not is_taking_in()) execute function figure_source();
insert into figure select 'source_addresses_total', jsonb_build_object('source', source), count(*) from source_address group by source;
