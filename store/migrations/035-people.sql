-- Who comes in and how often: counts that outlive a restart, log-ins by another house's word, keys that need no password.

-- So many times from one address, or for one login, within a while. Names are hashed with the day's salt, which goes with
-- the day: whoever takes the store along learns of nobody's address.
create table allowance (
  key text primary key,
  n integer not null,
  first_at timestamptz not null,
  last_at timestamptz not null
);
create index allowance_last on allowance (last_at);
create table allowance_salt (
  day date primary key,
  salt bytea not null
);

-- A person known to another house: by its own name for the person, never by a mail address, which others may get.
create table account_identity (
  issuer text not null,
  subject text not null,
  login text not null references account (login),
  since timestamptz not null,
  primary key (issuer, subject)
);
create index account_identity_login on account_identity (login);

-- Log-ins under way: what the answer must fit to. `binds` is the SHA-256 of a cookie of the browser that began.
create table log_in_attempt (
  id text primary key,
  binds text not null,
  kind text not null check (kind in ('oidc', 'passkey_new', 'passkey')),
  facts jsonb not null,
  expires_at timestamptz not null
);
create index log_in_attempt_expiry on log_in_attempt (expires_at);

-- WebAuthn credentials. `counter` grows with each use of those that count.
create table passkey (
  id text primary key,
  login text not null references account (login),
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  name text not null,
  since timestamptz not null,
  used_at timestamptz
);
create index passkey_login on passkey (login);
