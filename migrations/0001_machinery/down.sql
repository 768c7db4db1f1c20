drop table deployment;
drop table journal_entries;
drop function journal_is_append_only;
drop table idempotency_keys;
drop table signing_keys;
drop table secrets;
