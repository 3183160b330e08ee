-- What was signed as the WACZ of a capture: with it, the capture and its stamps, the file is made again to the byte.
create table wacz (
  capture_id uuid primary key references capture (id),
  made_at timestamptz not null,
  -- SHA-256 of its datapackage.json.
  sha256 text not null unique,
  signed jsonb not null
);
create trigger wacz_stays before update or delete on wacz for each row execute function refuse_change();
