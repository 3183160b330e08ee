-- What a finding said when its override was asked for, apart from any language: {"key", "facts"}. The override holds
-- for just that. Null for those asked before this column, which hold for their English words.
alter table override_asked add column about jsonb;
