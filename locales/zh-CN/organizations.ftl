problem-association-exists = 已有校友总会
problem-association-exists-detail = 一所大学只有一个校友总会，其他组织都在它之下。
problem-branch-exists = 该学院已有校友会
problem-branch-exists-detail = 每个学院只有一个存续的学院校友会，学院的地方校友会在它之下。

fault-region-code = GB/T 2260 行政区划代码，两到六位数字。

organization-kind-association = 校友总会
organization-kind-college-branch = 学院校友会
organization-kind-regional-chapter = 地方校友会
organization-kind-industry-chapter = 行业校友会
organization-kind-overseas-chapter = 海外校友会
organization-status-preparing = 筹建
organization-status-approved = 已批准
organization-status-active = 已成立
organization-status-suspended = 暂停
organization-status-merged = 已合并
organization-status-dissolved = 已注销
organization-status-withdrawn = 已撤回
organization-status-rejected = 未批准
