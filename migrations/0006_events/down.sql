drop table registrations;
drop table event_seats;
drop table events;
