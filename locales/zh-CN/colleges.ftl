problem-code-taken = 代码已被使用
problem-code-taken-detail = 代码不能重复，请换一个。
problem-class-exists = 班级已存在
problem-class-exists-detail = 已有学院、专业、名称和年份都相同的班级。请使用它，或以名称区分。

fault-year-needed = 入学年份（级）和毕业年份（届）至少填一个。
fault-year-order = 毕业年份早于入学年份。
