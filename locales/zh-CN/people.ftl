problem-student-no-taken = 学号已被使用
problem-student-no-taken-detail = 另一条学习经历已使用这个学号。请检查此人是否有两份档案。

fault-names = 每个姓名为 1 到 100 个字符。

alumni-status-verified = 已认证校友
alumni-status-unverified = 未认证
alumni-status-student = 在校生
alumni-status-non-alumnus = 非校友
gender-female = 女
gender-male = 男
gender-other = 其他
education-level-associate = 专科
education-level-bachelor = 本科
education-level-master = 硕士
education-level-doctor = 博士
education-level-other = 其他
