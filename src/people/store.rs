//! The SQL of people and their educations.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;

use super::model::{
    Education, EducationPatch, NewEducation, NewPerson, Person, PersonFilter, PersonPatch, STUDENT_NO_TAKEN,
};
use crate::access::caller::Reach;
use crate::access::tx::{Permit, Tx};
use crate::base::error::{Error, Fault, NOT_FOUND, Result};
use crate::base::ids::{ClassGroupId, CollegeId, EducationId, PersonId};
use crate::base::page::{Page, PageRequest};
use crate::db::{Kept, OnConstraint as _, OrRefuse as _, total};
use crate::schema::{educations, people};

/// Stores people with the readings of their names, and gives them back in their order.
pub async fn insert(tx: &mut Tx, _: Permit, new: &[(PersonId, &NewPerson, String)]) -> Result<Vec<Person>> {
    let now = tx.now();
    let rows: Vec<_> = new
        .iter()
        .map(|(id, new, pinyin)| {
            let read = people::name_pinyin.eq(pinyin);
            (*new, (people::id.eq(*id), read, people::created_at.eq(now), people::updated_at.eq(now)))
        })
        .collect();
    let insert = diesel::insert_into(people::table).values(rows).returning(Person::as_returning());
    let mut made: Vec<Person> = insert.get_results(&mut **tx).await?;
    made.sort_by_key(|person| new.iter().position(|(id, _, _)| *id == person.id));
    Ok(made)
}

pub async fn person(tx: &mut Tx, id: PersonId) -> Result<Person> {
    people::table.find(id).select(Person::as_select()).first(&mut **tx).await.or_refuse(NOT_FOUND)
}

pub async fn lock(tx: &mut Tx, id: PersonId) -> Result<Person> {
    people::table.find(id).select(Person::as_select()).for_no_key_update().first(&mut **tx).await.or_refuse(NOT_FOUND)
}

/// Locks people in the order of their ids, so that nobody waits in a circle; 404 when one is not there.
pub async fn lock_all(tx: &mut Tx, ids: &[PersonId]) -> Result<Vec<Person>> {
    let rows = people::table.filter(people::id.eq_any(ids)).order(people::id).select(Person::as_select());
    let found: Vec<Person> = rows.for_no_key_update().load(&mut **tx).await?;
    match found.len() == ids.len() {
        true => Ok(found),
        false => Err(NOT_FOUND.into()),
    }
}

pub async fn update(tx: &mut Tx, _: Permit, id: PersonId, patch: &PersonPatch) -> Result<Person> {
    let now = tx.now();
    let row = diesel::update(people::table.find(id))
        .set((patch, people::version.eq(people::version + 1), people::updated_at.eq(now)))
        .returning(Person::as_returning());
    Ok(row.get_result(&mut **tx).await?)
}

fn matching<'a>(filter: &'a PersonFilter, reach: &Reach, own: Option<PersonId>) -> people::BoxedQuery<'a, Pg> {
    let mut query = people::table.into_boxed();
    if !reach.all {
        // One index answers who may be seen; without any grant only the caller's own record is left.
        let visible = people::tokens.overlaps_with(reach.tokens());
        query = match own {
            Some(own) => query.filter(visible.or(people::id.eq(own))),
            None => query.filter(visible),
        };
    }
    let of_study = [
        filter.graduation_year.is_empty(),
        filter.entry_year.is_empty(),
        filter.college_id.is_empty(),
        filter.class_group_id.is_empty(),
    ];
    if of_study.contains(&false) {
        let mut study = educations::table.select(educations::person_id).into_boxed();
        if !filter.college_id.is_empty() {
            study = study.filter(educations::college_id.eq_any(&filter.college_id));
        }
        if !filter.class_group_id.is_empty() {
            study = study.filter(educations::class_group_id.eq_any(&filter.class_group_id));
        }
        if !filter.graduation_year.is_empty() {
            study = study.filter(educations::graduation_year.eq_any(&filter.graduation_year));
        }
        if !filter.entry_year.is_empty() {
            study = study.filter(educations::entry_year.eq_any(&filter.entry_year));
        }
        query = query.filter(people::id.eq_any(study));
    }
    if !filter.city.is_empty() {
        query = query.filter(people::city.eq_any(&filter.city));
    }
    if !filter.alumni_status.is_empty() {
        query = query.filter(people::alumni_status.eq_any(&filter.alumni_status));
    }
    if let Some(key) = filter.key_contact {
        query = query.filter(people::key_contact.eq(key));
    }
    query
}

pub async fn list(
    tx: &mut Tx,
    filter: &PersonFilter,
    reach: &Reach,
    own: Option<PersonId>,
    page: &PageRequest,
) -> Result<Page<Person>> {
    let mut query = matching(filter, reach, own);
    if let Some(id) = page.after::<PersonId>()? {
        query = query.filter(people::id.gt(id));
    }
    let rows = query.order(people::id).limit(page.fetch()).select(Person::as_select()).load(&mut **tx).await?;
    let total = total!(tx, page, matching(filter, reach, own), people::id);
    Ok(page.page(rows, |person| person.id)?.counted(total))
}

/// A study to store: its id, whose it is, and the permit for its college.
pub type NewStudy<'a> = (EducationId, PersonId, &'a NewEducation, Permit);

/// Stores studies of these people, and gives them back in their order.
pub async fn insert_educations(tx: &mut Tx, owners: &[PersonId], new: &[NewStudy<'_>]) -> Result<Vec<Education>> {
    let now = tx.now();
    let rows: Vec<_> = new
        .iter()
        .map(|(id, person, new, _)| {
            let times = (educations::created_at.eq(now), educations::updated_at.eq(now));
            (*new, (educations::id.eq(*id), educations::person_id.eq(*person), times))
        })
        .collect();
    let insert = diesel::insert_into(educations::table).values(rows).returning(Education::as_returning());
    let mut made: Vec<Education> = refuse_education(insert.get_results(&mut **tx).await)?;
    made.sort_by_key(|education| new.iter().position(|(id, ..)| *id == education.id));
    affiliate(tx, owners).await?;
    Ok(made)
}

pub async fn education(tx: &mut Tx, person: PersonId, id: EducationId) -> Result<Education> {
    let row = educations::table.find(id).filter(educations::person_id.eq(person));
    row.select(Education::as_select()).first(&mut **tx).await.or_refuse(NOT_FOUND)
}

pub async fn update_education(tx: &mut Tx, _: Permit, before: &Education, patch: &EducationPatch) -> Result<Education> {
    let now = tx.now();
    let row = diesel::update(educations::table.find(before.id))
        .set((patch, educations::version.eq(educations::version + 1), educations::updated_at.eq(now)))
        .returning(Education::as_returning());
    let education = refuse_education(row.get_result(&mut **tx).await)
        .on_constraint("educations_years_check", Fault::new("/graduation_year", "year_order"))?;
    affiliate(tx, &[before.person_id]).await?;
    Ok(education)
}

pub async fn delete_education(tx: &mut Tx, _: Permit, gone: &Education) -> Result<()> {
    diesel::delete(educations::table.find(gone.id)).execute(&mut **tx).await?;
    affiliate(tx, &[gone.person_id]).await
}

pub async fn list_educations(tx: &mut Tx, person: PersonId, page: &PageRequest) -> Result<Page<Education>> {
    let mut query = educations::table.filter(educations::person_id.eq(person)).into_boxed();
    if let Some(id) = page.after::<EducationId>()? {
        query = query.filter(educations::id.gt(id));
    }
    let rows = query.order(educations::id).limit(page.fetch()).select(Education::as_select()).load(&mut **tx).await?;
    let all = educations::table.filter(educations::person_id.eq(person));
    let total = total!(tx, page, all, educations::id);
    Ok(page.page(rows, |education| education.id)?.counted(total))
}

/// Makes the tokens of people's studies anew; those of other kinds stay.
async fn affiliate(tx: &mut Tx, people: &[PersonId]) -> Result<()> {
    // Set-based and in one round trip, which the DSL has no words for.
    let sql = "update people p set tokens = array( \
            select t from unnest(p.tokens) t where t not like 'college:%' and t not like 'class:%' \
            union select 'college:' || college_id from educations where person_id = p.id \
            union select 'class:' || class_group_id from educations where person_id = p.id and class_group_id is not null) \
        where p.id = any($1)";
    let update = diesel::sql_query(sql).bind::<Array<SqlUuid>, _>(people.to_vec());
    Kept(update).execute(&mut **tx).await?;
    Ok(())
}

fn refuse_education<T>(outcome: QueryResult<T>) -> Result<T> {
    let not_there = |pointer| Error::from(Fault::new(pointer, "not_found"));
    outcome
        .on_constraint("educations_student_no_key", STUDENT_NO_TAKEN)
        .on_constraint("educations_college_fkey", not_there("/college_id"))
        .on_constraint("educations_class_group_fkey", not_there("/class_group_id"))
}

/// Names of people, in no order: for lists that another slice shows.
pub async fn names(tx: &mut Tx, ids: &[PersonId]) -> Result<Vec<(PersonId, String)>> {
    let rows = people::table.filter(people::id.eq_any(ids)).select((people::id, people::name));
    Ok(rows.load(&mut **tx).await?)
}

/// What decides whether an event is meant for somebody.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct Studies {
    /// Where.
    pub college_id: CollegeId,
    /// In which class.
    pub class_group_id: Option<ClassGroupId>,
    /// 届.
    pub graduation_year: Option<i16>,
}

/// A person's studies.
pub async fn studies(tx: &mut Tx, person: PersonId) -> Result<Vec<Studies>> {
    let columns = (educations::college_id, educations::class_group_id, educations::graduation_year);
    Ok(educations::table.filter(educations::person_id.eq(person)).select(columns).load(&mut **tx).await?)
}
