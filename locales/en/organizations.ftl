problem-association-exists = There is an association already
problem-association-exists-detail = A university has one general association; every other body stands below it.
problem-branch-exists = The college has a branch already
problem-branch-exists-detail = A college has one live branch. Chapters of the college stand below it.

fault-region-code = Two to six digits of GB/T 2260.

organization-kind-association = General association
organization-kind-college-branch = College branch
organization-kind-regional-chapter = Regional chapter
organization-kind-industry-chapter = Industry chapter
organization-kind-overseas-chapter = Overseas chapter
organization-status-preparing = Preparing
organization-status-approved = Approved
organization-status-active = Active
organization-status-suspended = Suspended
organization-status-merged = Merged
organization-status-dissolved = Dissolved
organization-status-withdrawn = Withdrawn
organization-status-rejected = Rejected
