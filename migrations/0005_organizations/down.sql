drop table organization_transitions;
drop table organization_ancestors;
drop table organizations;
