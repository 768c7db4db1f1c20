//! The colleges of the Qingdao campus.

/// A college.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct College {
    /// A short stable code; the branch is `branch-<code>`.
    pub code: &'static str,
    /// The name in Chinese.
    pub name: &'static str,
    /// The name in English.
    pub name_en: &'static str,
    /// The campus.
    pub campus: &'static str,
}

const fn college(code: &'static str, name: &'static str, name_en: &'static str) -> College {
    College { code, name, name_en, campus: "qingdao" }
}

/// FACTS A3 counts 17 colleges on the Qingdao campus and does not name them: these names are chosen
/// to fit a university of mining, engineering and the sea. `cs` and `econ` are fixed by CONTRACT.
pub const COLLEGES: &[College] = &[
    college("cs", "计算机科学与工程学院", "College of Computer Science and Engineering"),
    college("econ", "经济管理学院", "College of Economics and Management"),
    college("mining", "能源与矿业工程学院", "College of Energy and Mining Engineering"),
    college("safety", "安全与环境工程学院", "College of Safety and Environmental Engineering"),
    college("geo", "地球科学与工程学院", "College of Earth Science and Engineering"),
    college("survey", "测绘与空间信息学院", "College of Geodesy and Geomatics"),
    college("mech", "机械电子工程学院", "College of Mechanical and Electronic Engineering"),
    college("auto", "电气与自动化工程学院", "College of Electrical Engineering and Automation"),
    college("ee", "电子信息工程学院", "College of Electronic and Information Engineering"),
    college("civil", "土木工程与建筑学院", "College of Civil Engineering and Architecture"),
    college("chem", "化学与生物工程学院", "College of Chemical and Biological Engineering"),
    college("materials", "材料科学与工程学院", "College of Materials Science and Engineering"),
    college("math", "数学与系统科学学院", "College of Mathematics and Systems Science"),
    college("foreign", "外国语学院", "College of Foreign Languages"),
    college("law", "文法学院", "College of Humanities and Law"),
    college("arts", "艺术学院", "College of Arts"),
    college("ocean", "海洋科学与工程学院", "College of Ocean Science and Engineering"),
];
