//! The accounts of the demo, as CONTRACT names them.

/// Who can sign in to the demo, always a synthetic person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// What stands before `@demo.example`.
    pub login: &'static str,
    /// The person's name.
    pub name: &'static str,
    /// The role of the grant; alumni have none.
    pub role: Option<&'static str>,
    /// Where the role holds; there exactly when the role is.
    pub scope: Option<Scope>,
    /// The class of an alumnus, a position in [`CLASSES`](super::CLASSES); `None` for staff.
    pub class: Option<usize>,
    /// The city where the person lives.
    pub city: &'static str,
}

/// Where a grant holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    All,
    /// The organization with this code and all below it.
    Organization(&'static str),
    /// The college with this code.
    College(&'static str),
    /// The class at this position of [`CLASSES`](super::CLASSES).
    ClassGroup(usize),
}

impl Account {
    /// The address that signs in.
    pub fn email(&self) -> String {
        format!("{}@demo.example", self.login)
    }
}

const fn account(
    login: &'static str,
    name: &'static str,
    role: Option<&'static str>,
    scope: Option<Scope>,
    class: Option<usize>,
    city: &'static str,
) -> Account {
    Account { login, name, role, scope, class, city }
}

/// The accounts of CONTRACT. Names and classes are chosen; several surnames are read in their own
/// way (单, 仇, 解, 盖, 区, 尉迟 …), for the search.
pub const ACCOUNTS: &[Account] = &[
    account("admin", "卫明哲", Some("system_admin"), Some(Scope::All), None, "青岛"),
    account("office", "林晓芸", Some("office_staff"), Some(Scope::All), None, "青岛"),
    account("director", "顾怀远", Some("office_director"), Some(Scope::All), None, "青岛"),
    account("college.cs", "秦思齐", Some("college_admin"), Some(Scope::College("cs")), None, "青岛"),
    account("college.econ", "任书雅", Some("college_admin"), Some(Scope::College("econ")), None, "青岛"),
    account(
        "secretary.shenzhen",
        "解海宁",
        Some("chapter_secretary"),
        Some(Scope::Organization("shenzhen")),
        Some(13),
        "深圳",
    ),
    account(
        "secretary.shijiazhuang",
        "郝景行",
        Some("chapter_secretary"),
        Some(Scope::Organization("shijiazhuang")),
        Some(17),
        "石家庄",
    ),
    account(
        "secretary.cs-beijing",
        "曾宇航",
        Some("chapter_secretary"),
        Some(Scope::Organization("cs-beijing")),
        Some(13),
        "北京",
    ),
    account("treasurer", "单玉洁", Some("treasurer"), Some(Scope::Organization("association")), None, "青岛"),
    account("receipts", "宋知勤", Some("receipt_controller"), Some(Scope::Organization("association")), None, "青岛"),
    account("liaison.2019", "吕若涵", Some("liaison"), Some(Scope::ClassGroup(0)), Some(0), "青岛"),
    account("auditor", "冷正言", Some("auditor"), Some(Scope::All), None, "济南"),
    account("alumnus1", "王雨桐", None, None, Some(0), "青岛"),
    account("alumnus2", "李泽川", None, None, Some(0), "深圳"),
    account("alumnus3", "仇安然", None, None, Some(1), "深圳"),
    account("alumnus4", "张雪松", None, None, Some(2), "北京"),
    account("alumnus5", "刘一鸣", None, None, Some(1), "深圳"),
    account("alumnus6", "欧阳清", None, None, Some(3), "济南"),
    account("alumnus7", "陈佳宁", None, None, Some(3), "深圳"),
    account("alumnus8", "盖晓峰", None, None, Some(5), "泰安"),
    account("alumnus9", "赵立夏", None, None, Some(13), "北京"),
    account("alumnus10", "尉迟安", None, None, Some(14), "深圳"),
    account("alumnus11", "黄予乐", None, None, Some(6), "武汉"),
    account("alumnus12", "逄玉林", None, None, Some(15), "青岛"),
    account("alumnus13", "翟永芳", None, None, Some(16), "青岛"),
    account("alumnus14", "区文珊", None, None, Some(18), "广州"),
    account("alumnus15", "阿依古丽·买买提", None, None, Some(9), "乌鲁木齐"),
    account("alumnus16", "Daniel Whitfield", None, None, Some(7), "纽约"),
    account("alumnus17", "孙长江", None, None, Some(11), "青岛"),
    account("alumnus18", "缪国华", None, None, Some(12), "南京"),
    account("alumnus19", "令狐远", None, None, Some(28), "石家庄"),
    account("alumnus20", "吴晓茜", None, None, Some(8), "青岛"),
];
