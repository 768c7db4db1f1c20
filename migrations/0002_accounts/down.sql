drop table refresh_tokens;
drop table sessions;
drop table account_identifiers;
drop table accounts;
