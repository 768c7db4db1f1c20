problem-student-no-taken = The student number is taken
problem-student-no-taken-detail = Another study has this student number. Check whether the person is in the records twice.

fault-names = Each name has 1 to 100 characters.

alumni-status-verified = Verified alumnus
alumni-status-unverified = Not verified
alumni-status-student = Student
alumni-status-non-alumnus = Not an alumnus
gender-female = Female
gender-male = Male
gender-other = Other
education-level-associate = Associate
education-level-bachelor = Bachelor
education-level-master = Master
education-level-doctor = Doctor
education-level-other = Other
