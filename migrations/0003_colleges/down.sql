drop table class_groups;
drop table colleges;
