alter table accounts drop column person_id;
drop table educations;
drop table people;
