//! How a Chinese name is read: pinyin without tones for search, sorting and documents.
//!
//! `欧阳清` is `ou yang qing`: lower case, one space between syllables, surname first, because a
//! prefix, the initials and the whole can then all be cut from one string.
//!
//! * **ü** is written `yu` after l and n, as passports write it (GB/T 28039-2011 and the exit-entry
//!   administration since 2012: 吕 is LYU, 略 LYUE). Who types `lv` or `lü` means the same; a search
//!   folds these before it compares.
//! * **Surnames** are often read otherwise than the same character elsewhere (单 shàn, not dān): a
//!   table decides, after the Modern Chinese Dictionary (现代汉语词典). Some have two readings in
//!   use, a family's own: here 盖 is ge (also gai), 覃 qin (tan), 翟 zhai (di), 乐 yue (le), 郇 xun
//!   (huan), 秘 bi (mi), 句 gou (ju), 牟 mou (mu in Shandong), 隗 kui (wei), 谌 chen (shen).
//! * **Given names** take the character's usual reading (茜 qian, 晟 cheng), but for a few whose
//!   usual reading never occurs in a name.
//!
//! What is made here is a first guess; `name_pinyin` of a person can be corrected by that person.

use pinyin::ToPinyin;

/// Compound surnames, simplified and traditional. Not here: those whose first character is a
/// common surname and whose second is common in given names (贺兰, 公良, 张简, 王孙), because the
/// plain surname is then far likelier.
const COMPOUNDS: &str = "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 夏侯 尉迟 尉遲 皇甫 东方 東方 慕容 \
    宇文 令狐 万俟 萬俟 长孙 長孫 澹台 澹臺 单于 單于 宰父 鲜于 鮮于 钟离 鍾離 赫连 赫連 公孙 公孫 公羊 \
    公冶 公西 轩辕 軒轅 闾丘 閭丘 独孤 獨孤 南宫 南宮 南门 南門 东郭 東郭 东门 東門 西门 西門 申屠 闻人 \
    聞人 淳于 太叔 太史 濮阳 濮陽 宗政 仲孙 仲孫 叔孙 叔孫 季孙 季孫 颛孙 顓孫 端木 巫马 巫馬 漆雕 乐正 \
    樂正 壤驷 壤駟 拓跋 夹谷 夾谷 谷梁 穀梁 段干 百里 呼延 羊舌 微生 梁丘 左丘 第五 子车 子車 相里 司徒 \
    司空 司寇 亓官 即墨 达奚 達奚 哥舒 斛律 耶律 完颜 完顏 纳兰 納蘭 钮祜禄 赫舍里 瓜尔佳 爱新觉罗 \
    愛新覺羅 叶赫那拉 葉赫那拉";

/// The reading of `name` in lower-case pinyin without tones, syllables separated by one space.
///
/// Names that are not Chinese come back lower-cased with single spaces (`John  Smith` is
/// `john smith`); in a mixed name each Han character is a syllable and each other word a word; the
/// dot of a transcribed name (`阿卜杜拉·买买提`) separates. A character without a known reading
/// stands for itself, so that nothing of a name is lost.
pub fn pinyin(name: &str) -> String {
    let name = name.trim();
    let mut words: Vec<String> = Vec::new();
    if !name.chars().any(is_han) {
        words.extend(name.split_whitespace().map(str::to_lowercase));
        return words.join(" ");
    }
    let length = surname_length(name);
    let surname: String = name.chars().take(length).collect();
    if length > 0 {
        words.push(surname_reading(&surname));
    }
    let mut word = String::new();
    for character in name.chars().skip(length) {
        let han = is_han(character);
        if (han || is_separator(character)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if han {
            words.push(given_reading(character));
        } else if !is_separator(character) {
            word.extend(character.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words.join(" ")
}

/// How many characters at the start of `name` are the surname: 1, more for a compound surname
/// that something follows (`欧阳清` 2, but `钟离` 1), and 0 where no Chinese surname leads
/// (`John Smith`, `阿卜杜拉·买买提`, the empty name). White space around the name does not count.
pub fn surname_length(name: &str) -> usize {
    let name = name.trim();
    if !name.chars().next().is_some_and(is_han) || is_transcribed(name) {
        return 0;
    }
    COMPOUNDS
        .split_whitespace()
        .find(|compound| name.strip_prefix(*compound).is_some_and(|given| !given.is_empty()))
        .map_or(1, |compound| compound.chars().count())
}

/// True where a dot between the parts says that a name of another language was transcribed.
fn is_transcribed(name: &str) -> bool {
    name.chars().any(is_dot) || (name.contains('.') && name.chars().all(|c| c == '.' || is_han(c)))
}

fn is_dot(character: char) -> bool {
    // The middle dot of the standard, and what keyboards and old files have in its place.
    matches!(character, '·' | '•' | '‧' | '∙' | '⋅' | '・' | '･' | '．')
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || is_dot(character) || character == '.'
}

fn is_han(character: char) -> bool {
    matches!(character,
        '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn surname_reading(surname: &str) -> String {
    let mut characters = surname.chars();
    let compound = match surname {
        "尉迟" | "尉遲" => Some("yu chi"),
        "万俟" | "萬俟" => Some("mo qi"),
        "长孙" | "長孫" => Some("zhang sun"),
        "澹台" | "澹臺" => Some("tan tai"),
        "单于" | "單于" => Some("chan yu"),
        "乐正" | "樂正" => Some("yue zheng"),
        "子车" | "子車" => Some("zi ju"),
        _ => None,
    };
    match (compound, characters.next(), characters.next()) {
        (Some(reading), _, _) => reading.to_owned(),
        (None, Some(single), None) => match single_surname(single) {
            Some(reading) => reading.to_owned(),
            None => usual_reading(single),
        },
        _ => {
            let syllables: Vec<String> = surname.chars().map(usual_reading).collect();
            syllables.join(" ")
        }
    }
}

/// The readings of characters that are read in their own way as a surname; also those whose other
/// reading is common, so that a change of the dictionary below cannot turn them.
fn single_surname(character: char) -> Option<&'static str> {
    let reading = match character {
        '柏' => "bai",
        '贲' | '賁' => "ben",
        '秘' => "bi",
        '薄' => "bo",
        '卜' => "bu",
        '车' | '車' => "che",
        '谌' | '諶' => "chen",
        '种' | '種' => "chong", // the surname is 种 in both scripts; 種 comes of conversion
        '褚' => "chu",
        '啜' => "chuai",
        '都' => "du",
        '盖' | '蓋' => "ge",
        '句' => "gou",
        '炅' => "gui",
        '呙' | '咼' => "guo",
        '哈' => "ha",
        '华' | '華' => "hua",
        '纪' | '紀' => "ji",
        '贾' | '賈' => "jia",
        '圈' | '隽' | '雋' => "juan",
        '角' => "jue",
        '阚' | '闞' => "kan",
        '隗' => "kui",
        '陆' | '陸' | '逯' => "lu",
        '宓' | '祢' => "mi", // 宓 is fu only where it stands for 伏 in old texts
        '缪' | '繆' => "miao",
        '牟' => "mou",
        '万' | '萬' => "wan",
        '佴' => "nai",
        '粘' => "nian",
        '乜' => "nie",
        '区' | '區' => "ou",
        '逄' => "pang",
        '朴' => "piao",
        '繁' => "po",
        '郄' => "qie", // 郤 is another surname, xi
        '覃' => "qin",
        '仇' => "qiu",
        '任' => "ren",
        '单' | '單' => "shan",
        '召' => "shao",
        '折' => "she",
        '沈' | '莘' => "shen",
        '盛' => "sheng",
        '石' => "shi",
        '宿' => "su",
        '尉' => "wei", // yu only in 尉迟
        '郗' | '郤' => "xi",
        '冼' | '洗' => "xian",
        '解' | '颉' | '頡' => "xie",
        '郇' => "xun",
        '燕' => "yan",
        '么' | '幺' => "yao",
        '叶' | '葉' => "ye",
        '於' | '蔚' => "yu",
        '乐' | '樂' => "yue",
        '员' | '員' | '贠' | '貟' => "yun",
        '曾' => "zeng",
        '查' => "zha",
        '翟' | '祭' => "zhai",
        '占' => "zhan",
        _ => return None,
    };
    Some(reading)
}

fn given_reading(character: char) -> String {
    // The dictionary's first readings of these (bo, zhang, dou, lei, shen, ceng, hang, cai) do not
    // occur in names; several stand in transcriptions.
    let reading = match character {
        '卜' => "bu",
        '长' | '長' => "chang",
        '都' => "du",
        '勒' => "le",
        '什' => "shi",
        '曾' => "zeng",
        '珩' => "heng",
        '偲' => "si",
        _ => return usual_reading(character),
    };
    reading.to_owned()
}

/// The dictionary's first reading, with ü written out; the character itself where it has none.
fn usual_reading(character: char) -> String {
    match character.to_pinyin() {
        Some(reading) => reading.plain().replace('ü', "yu"),
        None => character.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, reading, length of the surname.
    const NAMES: &[(&str, &str, usize)] = &[
        ("王建国", "wang jian guo", 1),
        ("张伟", "zhang wei", 1),
        ("李秀英", "li xiu ying", 1),
        ("单雨晴", "shan yu qing", 1),
        ("單雨晴", "shan yu qing", 1),
        ("仇海波", "qiu hai bo", 1),
        ("解明辉", "xie ming hui", 1),
        ("曾志强", "zeng zhi qiang", 1),
        ("查文波", "zha wen bo", 1),
        ("盖晓东", "ge xiao dong", 1),
        ("区国华", "ou guo hua", 1),
        ("任丽", "ren li", 1),
        ("华雪梅", "hua xue mei", 1),
        ("燕春生", "yan chun sheng", 1),
        ("翟永红", "zhai yong hong", 1),
        ("乐天明", "yue tian ming", 1),
        ("朴成浩", "piao cheng hao", 1),
        ("员建军", "yun jian jun", 1),
        ("贠建军", "yun jian jun", 1),
        ("缪芳", "miao fang", 1),
        ("宓云", "mi yun", 1),
        ("逄玉刚", "pang yu gang", 1),
        ("覃小燕", "qin xiao yan", 1),
        ("冼志文", "xian zhi wen", 1),
        ("洗志文", "xian zhi wen", 1),
        ("召永康", "shao yong kang", 1),
        ("折家宁", "she jia ning", 1),
        ("种师远", "chong shi yuan", 1),
        ("繁星辰", "po xing chen", 1),
        ("纪晓枫", "ji xiao feng", 1),
        ("哈斯", "ha si", 1),
        ("盛夏", "sheng xia", 1),
        ("祭安", "zhai an", 1),
        ("么文静", "yao wen jing", 1),
        ("乜长青", "nie chang qing", 1),
        ("蔚然", "yu ran", 1),
        ("尉国强", "wei guo qiang", 1),
        ("薄雪", "bo xue", 1),
        ("卜玉珍", "bu yu zhen", 1),
        ("阚立新", "kan li xin", 1),
        ("沈德福", "shen de fu", 1),
        ("秘书成", "bi shu cheng", 1),
        ("郄红", "qie hong", 1),
        ("粘敏", "nian min", 1),
        ("都兴华", "du xing hua", 1),
        ("吕绿荷", "lyu lyu he", 1),
        ("吕略", "lyu lyue", 1),
        ("欧阳清", "ou yang qing", 2),
        ("歐陽清", "ou yang qing", 2),
        ("司马文渊", "si ma wen yuan", 2),
        ("上官云", "shang guan yun", 2),
        ("诸葛明月", "zhu ge ming yue", 2),
        ("夏侯安", "xia hou an", 2),
        ("尉迟敬", "yu chi jing", 2),
        ("尉遲敬", "yu chi jing", 2),
        ("皇甫静", "huang fu jing", 2),
        ("东方晓", "dong fang xiao", 2),
        ("慕容雪", "mu rong xue", 2),
        ("宇文博", "yu wen bo", 2),
        ("令狐平", "ling hu ping", 2),
        ("万俟青", "mo qi qing", 2),
        ("长孙宁", "zhang sun ning", 2),
        ("澹台月", "tan tai yue", 2),
        ("单于飞", "chan yu fei", 2),
        ("宰父林", "zai fu lin", 2),
        ("鲜于枫", "xian yu feng", 2),
        ("钟离秋", "zhong li qiu", 2),
        ("公孙瑞", "gong sun rui", 2),
        ("闾丘雨", "lyu qiu yu", 2),
        ("乐正华", "yue zheng hua", 2),
        ("拓跋野", "tuo ba ye", 2),
        ("爱新觉罗明", "ai xin jue luo ming", 4),
        // A compound with nothing after it is a surname of one character and a given name.
        ("钟离", "zhong li", 1),
        ("单于", "shan yu", 1),
        ("贺兰英", "he lan ying", 1),
        // As a given name the same characters take their usual reading.
        ("王单", "wang dan", 1),
        ("李解放", "li jie fang", 1),
        ("赵任远", "zhao ren yuan", 1),
        ("孙长江", "sun chang jiang", 1),
        ("周珩", "zhou heng", 1),
        // Names of other languages, mixed names, and what people type.
        ("John  Smith", "john smith", 0),
        (" José García-López ", "josé garcía-lópez", 0),
        ("阿卜杜拉·买买提", "a bu du la mai mai ti", 0),
        ("阿卜杜拉.买买提", "a bu du la mai mai ti", 0),
        ("曾·约翰", "zeng yue han", 0),
        ("李John", "li john", 1),
        ("Anna 王", "anna wang", 0),
        (" 张 三\u{3000}", "zhang san", 1),
        ("李𠮷", "li 𠮷", 1),
        ("", "", 0),
        ("王", "wang", 1),
    ];

    #[test]
    fn each_name_has_its_reading_and_its_surname() {
        for (name, reading, length) in NAMES {
            assert_eq!(pinyin(name), *reading, "{name}");
            assert_eq!(surname_length(name), *length, "{name}");
        }
        assert!(NAMES.len() >= 60);
    }

    #[test]
    fn every_compound_is_recognised_and_read_in_as_many_syllables() {
        for compound in COMPOUNDS.split_whitespace() {
            let name = format!("{compound}明");
            assert_eq!(surname_length(&name), compound.chars().count(), "{name}");
            let reading = pinyin(&name);
            assert_eq!(reading.split(' ').count(), name.chars().count(), "{name}");
            assert!(reading.chars().all(|c| c == ' ' || c.is_ascii_lowercase()), "{reading}");
        }
    }
}
