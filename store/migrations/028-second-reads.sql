-- Hosts and accounts that went out, to warn before they go out again.
create index batch_case_scope on batch_case (md5(referral -> 'effectiveBlockScope' ->> 'value'));
