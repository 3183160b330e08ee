-- What is due is asked for each minute; by `look_by` alone all that is known was read for it.
create index known_address_due on known_address (due_at);
