alter table accounts drop column password_changed_at;
drop table password_tokens;
drop table sign_in_failures;
update sessions set end_reason = 'signed_out' where end_reason in ('ended_by_owner', 'password_changed');
alter table sessions
    drop constraint sessions_end_reason_check,
    add constraint sessions_end_reason_check check (end_reason in ('signed_out', 'replayed')),
    drop constraint sessions_user_agent_check,
    drop column user_agent,
    drop column last_used_at;
alter table refresh_tokens
    drop column superseded_at,
    drop column successor;
