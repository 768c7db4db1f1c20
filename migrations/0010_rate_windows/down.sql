drop table rate_windows;
