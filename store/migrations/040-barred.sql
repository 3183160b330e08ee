-- Whom another house gives no role any more: nobody comes in by such an account until it gives one again.
alter table account_identity add column barred_at timestamptz;
