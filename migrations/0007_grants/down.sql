drop view effective_grants;
drop table role_grants;
