//! People and educations as they are stored and sent.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Array;
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::base::clock::{Year, years};
use crate::base::error::Refusal;
use crate::base::ids::{ClassGroupId, CollegeId, EducationId, PersonId};
use crate::base::scope::Scope;
use crate::base::text::{self, Line, given, patched};
use crate::colleges;
use crate::http::reply::Resource;
use crate::schema::{educations, people};

/// Another education has the student number.
pub const STUDENT_NO_TAKEN: Refusal = Refusal::new(409, "student_no_taken");

words! {
    /// Whether somebody is an alumnus, and how surely.
    AlumniStatus {
        /// An alumnus, recognised by the office.
        Verified = "verified",
        /// Says so; not recognised yet.
        Unverified = "unverified",
        /// Still studies here.
        Student = "student",
        /// A teacher, donor or official who did not study here.
        NonAlumnus = "non_alumnus",
    }
}

words! {
    /// Gender, where known.
    Gender { Female = "female", Male = "male", Other = "other" }
}

words! {
    /// The level of an education.
    Level {
        Associate = "associate", Bachelor = "bachelor", Master = "master", Doctor = "doctor", Other = "other",
    }
}

/// A person.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = people)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000003", "name": "单小明", "name_latin": null, "name_pinyin": "shan xiao ming", "former_names": [], "gender": "male", "birth_year": 1997, "city": "青岛", "country": "CN", "employer": null, "title": null, "industry": null, "alumni_status": "verified", "key_contact": false, "deceased_on": null, "do_not_contact": false, "created_at": "2019-01-07T04:00:00Z", "updated_at": "2019-01-07T04:00:00Z"}))]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub name_latin: Option<String>,
    /// Syllables without tones, surname first; made from the name, and the person may correct it.
    pub name_pinyin: String,
    pub former_names: Vec<String>,
    pub gender: Option<Gender>,
    pub birth_year: Option<i16>,
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    pub employer: Option<String>,
    pub title: Option<String>,
    pub industry: Option<String>,
    pub alumni_status: AlumniStatus,
    /// 重点校友.
    pub key_contact: bool,
    pub deceased_on: Option<NaiveDate>,
    pub do_not_contact: bool,
    #[serde(skip)]
    pub tokens: Vec<String>,
    #[serde(skip)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A new person.
#[derive(Debug, Deserialize, Validate, Insertable, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = people)]
#[schema(example = json!({"name": "单小明", "gender": "male", "birth_year": 1997, "city": "青岛", "alumni_status": "verified"}))]
pub struct NewPerson {
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Line,
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub name_latin: Option<Line>,
    /// Made from the name when absent.
    #[validate(length(min = 1, max = 300))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300)]
    #[diesel(skip_insertion)]
    pub name_pinyin: Option<Line>,
    #[serde(default)]
    #[validate(length(max = 10), custom(function = names))]
    #[schema(schema_with = former_names)]
    pub former_names: Vec<Line>,
    pub gender: Option<Gender>,
    #[validate(range(min = 1850, max = 2200))]
    #[schema(minimum = 1850, maximum = 2200)]
    pub birth_year: Option<i16>,
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub city: Option<Line>,
    #[validate(custom(function = text::country))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 2, pattern = "^[A-Z]{2}$")]
    pub country: Option<Line>,
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub employer: Option<Line>,
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub title: Option<Line>,
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub industry: Option<Line>,
    #[serde(default = "unverified")]
    pub alumni_status: AlumniStatus,
    #[serde(default)]
    pub key_contact: bool,
    #[validate(custom(function = text::day))]
    pub deceased_on: Option<NaiveDate>,
    #[serde(default)]
    pub do_not_contact: bool,
}

/// Changes to a person.
#[derive(Debug, Deserialize, Validate, AsChangeset, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = people)]
#[schema(example = json!({"city": "深圳", "name_pinyin": "shan xiao ming"}))]
pub struct PersonPatch {
    #[serde(default, deserialize_with = "given")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 100)]
    pub name: Option<Line>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub name_latin: Option<Option<Line>>,
    #[serde(default, deserialize_with = "given")]
    #[validate(length(min = 1, max = 300))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 300)]
    pub name_pinyin: Option<Line>,
    #[serde(default, deserialize_with = "given")]
    #[validate(length(max = 10), custom(function = names))]
    #[schema(schema_with = former_names)]
    pub former_names: Option<Vec<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[schema(value_type = Option<Gender>)]
    pub gender: Option<Option<Gender>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(range(min = 1850, max = 2200))]
    #[schema(value_type = Option<i16>, minimum = 1850, maximum = 2200)]
    pub birth_year: Option<Option<i16>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub city: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(custom(function = text::country))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 2, pattern = "^[A-Z]{2}$")]
    pub country: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub employer: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub title: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub industry: Option<Option<Line>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub alumni_status: Option<AlumniStatus>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub key_contact: Option<bool>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(custom(function = text::day))]
    #[schema(value_type = Option<NaiveDate>)]
    pub deceased_on: Option<Option<NaiveDate>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub do_not_contact: Option<bool>,
}

/// Which people; the conditions on a study hold of one and the same study.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PersonFilter {
    /// Studied at this college.
    #[serde(default)]
    pub college_id: Vec<CollegeId>,
    /// In this class.
    #[serde(default)]
    pub class_group_id: Vec<ClassGroupId>,
    /// 届.
    #[serde(default, deserialize_with = "years")]
    #[param(value_type = Vec<Year>, inline)]
    pub graduation_year: Vec<i16>,
    /// 级.
    #[serde(default, deserialize_with = "years")]
    #[param(value_type = Vec<Year>, inline)]
    pub entry_year: Vec<i16>,
    /// Lives in this city.
    #[serde(default)]
    pub city: Vec<String>,
    /// Verified alumni, or others.
    #[serde(default)]
    pub alumni_status: Vec<AlumniStatus>,
    /// 重点校友, or not.
    pub key_contact: Option<bool>,
}

/// One study of one person.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = educations)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000004", "person_id": "01914a6b-7c00-7000-8000-000000000003", "college_id": "01914a6b-7c00-7000-8000-000000000001", "major": "软件工程", "class_group_id": "01914a6b-7c00-7000-8000-000000000002", "level": "bachelor", "entry_year": 2015, "graduation_year": 2019, "student_no": "201501060301", "created_at": "2019-01-07T04:00:00Z", "updated_at": "2019-01-07T04:00:00Z"}))]
pub struct Education {
    pub id: EducationId,
    pub person_id: PersonId,
    pub college_id: CollegeId,
    pub major: Option<String>,
    pub class_group_id: Option<ClassGroupId>,
    pub level: Option<Level>,
    /// 级: the year of coming.
    pub entry_year: Option<i16>,
    /// 届: the year of leaving.
    pub graduation_year: Option<i16>,
    pub student_no: Option<String>,
    #[serde(skip)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A study to add.
#[derive(Debug, Deserialize, Validate, Insertable, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = educations)]
#[validate(schema(function = study_years))]
#[schema(example = json!({"college_id": "01914a6b-7c00-7000-8000-000000000001", "major": "软件工程", "level": "bachelor", "entry_year": 2015, "graduation_year": 2019, "student_no": "201501060301"}))]
pub struct NewEducation {
    pub college_id: CollegeId,
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub major: Option<Line>,
    /// A class of the same college.
    pub class_group_id: Option<ClassGroupId>,
    pub level: Option<Level>,
    #[validate(range(min = 1850, max = 2200))]
    #[schema(minimum = 1850, maximum = 2200)]
    pub entry_year: Option<i16>,
    #[validate(range(min = 1850, max = 2200))]
    #[schema(minimum = 1850, maximum = 2200)]
    pub graduation_year: Option<i16>,
    #[validate(length(min = 1, max = 40))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    pub student_no: Option<Line>,
}

/// Changes to a study.
#[derive(Debug, Deserialize, Validate, AsChangeset, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = educations)]
#[schema(example = json!({"graduation_year": 2020}))]
pub struct EducationPatch {
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub major: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[schema(value_type = Option<ClassGroupId>)]
    pub class_group_id: Option<Option<ClassGroupId>>,
    #[serde(default, deserialize_with = "patched")]
    #[schema(value_type = Option<Level>)]
    pub level: Option<Option<Level>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(range(min = 1850, max = 2200))]
    #[schema(value_type = Option<i16>, minimum = 1850, maximum = 2200)]
    pub entry_year: Option<Option<i16>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(range(min = 1850, max = 2200))]
    #[schema(value_type = Option<i16>, minimum = 1850, maximum = 2200)]
    pub graduation_year: Option<Option<i16>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 40))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    pub student_no: Option<Option<Line>>,
}

impl Person {
    /// Where the person belongs: which grants cover them.
    pub fn place(&self) -> Vec<Scope> {
        self.tokens.iter().filter_map(|token| Scope::of_token(token)).collect()
    }

    /// Leaves the name (masked unless `named`) and what tells whether the person can be reached.
    pub fn veil(&mut self, named: bool) {
        self.former_names.clear();
        (self.gender, self.birth_year) = (None, None);
        (self.city, self.country, self.employer, self.title, self.industry) = (None, None, None, None, None);
        if !named {
            let first: String = self.name.chars().take(1).collect();
            self.name = format!("{first}＊");
            "＊".clone_into(&mut self.name_pinyin);
            self.name_latin = None;
        }
    }
}

fn unverified() -> AlumniStatus {
    AlumniStatus::Unverified
}

fn former_names() -> Array {
    text::lines(10, 100)
}

fn study_years(study: &NewEducation) -> Result<(), ValidationError> {
    colleges::year(study.entry_year, study.graduation_year)
}

fn names(names: &[Line]) -> Result<(), ValidationError> {
    match names.iter().all(|name| (1..=100).contains(&name.chars().count())) {
        true => Ok(()),
        false => Err(text::field_error("former_names", "names")),
    }
}

impl Resource for Person {
    fn version_tag(&self) -> String {
        self.version.to_string()
    }
    fn path(&self) -> String {
        format!("/people/{}", self.id)
    }
}

impl Resource for Education {
    fn version_tag(&self) -> String {
        self.version.to_string()
    }
    fn path(&self) -> String {
        format!("/people/{}/educations/{}", self.person_id, self.id)
    }
}
