-- The way out: which moments of the plan were worked off, which batches are on their way, which arrived.

-- A moment of the plan is worked off once; the first row says from when on the plan holds.
create table dispatch_slot (
  slot timestamptz primary key,
  at timestamptz not null,
  cases integer not null
);
create trigger dispatch_slot_stays before update or delete on dispatch_slot for each row execute function refuse_change();

-- What is to be carried, and how that went so far. A row leaves nothing of itself behind but its hand-over.
create table delivery (
  batch_id text primary key references batch (id),
  asked_at timestamptz not null,
  by text not null,
  due_at timestamptz not null,
  tries integer not null default 0,
  last_error text,
  -- Nobody tries any more: a person has to look.
  given_up_at timestamptz
);
create index delivery_due on delivery (due_at) where given_up_at is null;

create table handover (
  batch_id text not null references batch (id),
  n integer not null,
  at timestamptz not null,
  by text not null,
  target text not null,
  sha256 text not null,
  primary key (batch_id, n)
);
create trigger handover_stays before update or delete on handover for each row execute function refuse_change();
