//! What is done with people and their educations.

use super::model::{Education, EducationPatch, NewEducation, NewPerson, Person, PersonFilter, PersonPatch};
use super::{reading, store};
use crate::access::policy::Act;
use crate::access::tx::{Permit, Tx};
use crate::base::error::{Error, NOT_FOUND, Result};
use crate::base::ids::{EducationId, PersonId};
use crate::base::page::{Page, PageRequest};
use crate::base::scope::Scope;
use crate::http::reply::Resource as _;
use crate::journal::Change;
use crate::slice::Placed;

pub(super) async fn create_person(tx: &mut Tx, new: &NewPerson) -> Result<Person> {
    let made = create_people(tx, std::slice::from_ref(new)).await?;
    made.into_iter().next().ok_or_else(|| Error::internal("no row came back"))
}

/// Adds people in one statement and gives them back in their order; the readings of names are made unless given.
pub async fn create_people(tx: &mut Tx, new: &[NewPerson]) -> Result<Vec<Person>> {
    let permit = tx.require(Act::CreatePerson, &[]).await?;
    let reading =
        |new: &NewPerson| new.name_pinyin.as_deref().map_or_else(|| reading::pinyin(&new.name), str::to_owned);
    let rows: Vec<_> = new.iter().map(|new| (tx.id(), new, reading(new))).collect();
    let people = store::insert(tx, permit, &rows).await?;
    for person in &people {
        tx.record(Change::new("person.created", "person", person.id));
    }
    Ok(people)
}

pub(super) async fn list_people(tx: &mut Tx, filter: &PersonFilter, page: &PageRequest) -> Result<Page<Person>> {
    let reach = tx.reach(Act::ListPeople).await?;
    let own = tx.person().await?;
    let mut people = store::list(tx, filter, &reach, own, page).await?;
    for person in &mut people.items {
        veil(tx, person).await?;
    }
    Ok(people)
}

/// Leaves of a person what the caller may see: all of it for oneself and those who keep the records; the name and
/// how they may be reached for others whose grants cover them; for an auditor a masked name.
async fn veil(tx: &mut Tx, person: &mut Person) -> Result<bool> {
    let place = person.place();
    if tx.person().await? == Some(person.id) || tx.may(Act::ReadWholePerson, &place).await? {
        return Ok(false);
    }
    let named = tx.may(Act::ReadPersonName, &place).await?;
    person.veil(named);
    Ok(true)
}

pub(super) async fn read_person(tx: &mut Tx, id: PersonId) -> Result<Person> {
    let mut person = store::person(tx, id).await?;
    require_sight(tx, Act::ReadPerson, &person).await?;
    veil(tx, &mut person).await?;
    Ok(person)
}

pub(super) async fn update_person(tx: &mut Tx, id: PersonId, mut patch: PersonPatch) -> Result<Person> {
    let before = store::lock(tx, id).await?;
    let permit = require_change(tx, Act::UpdatePerson, &before).await?;
    tx.check_version(&before.version_tag())?;
    if let (Some(name), None) = (&patch.name, &patch.name_pinyin) {
        // A new name is read anew; a corrected reading of the old one no longer fits.
        patch.name_pinyin =
            (**name != before.name).then(|| crate::base::text::Line::parse(&reading::pinyin(name))).flatten();
    }
    let fields = tx.fields.clone();
    tx.record(Change::new("person.updated", "person", id).fields(fields));
    store::update(tx, permit, id, &patch).await
}

pub(super) async fn create_education(tx: &mut Tx, person: PersonId, new: &NewEducation) -> Result<Education> {
    let made = create_educations(tx, &[(person, new)]).await?;
    made.into_iter().next().ok_or_else(|| Error::internal("no row came back"))
}

/// Adds studies to people, all or none, in one statement and gives them back in their order.
pub async fn create_educations(tx: &mut Tx, new: &[(PersonId, &NewEducation)]) -> Result<Vec<Education>> {
    let mut owners: Vec<PersonId> = new.iter().map(|(person, _)| *person).collect();
    owners.sort_unstable();
    owners.dedup();
    for before in store::lock_all(tx, &owners).await? {
        require_change(tx, Act::CreateEducation, &before).await?;
    }
    let mut rows = Vec::with_capacity(new.len());
    for (person, study) in new {
        // Into one's own college only, whoever the person is.
        let permit = tx.require(Act::CreateEducation, &[Scope::College(study.college_id)]).await?;
        rows.push((tx.id(), *person, *study, permit));
    }
    let made = store::insert_educations(tx, &owners, &rows).await?;
    for education in &made {
        tx.record(Change::new("education.created", "education", education.id));
    }
    Ok(made)
}

pub(super) async fn list_educations(tx: &mut Tx, person: PersonId, page: &PageRequest) -> Result<Page<Education>> {
    let mut person = store::person(tx, person).await?;
    require_sight(tx, Act::ListEducations, &person).await?;
    let mut studies = store::list_educations(tx, person.id, page).await?;
    if veil(tx, &mut person).await? {
        studies.items.iter_mut().for_each(|study| study.student_no = None);
    }
    Ok(studies)
}

pub(super) async fn read_education(tx: &mut Tx, person: PersonId, id: EducationId) -> Result<Education> {
    let mut person = store::person(tx, person).await?;
    require_sight(tx, Act::ReadEducation, &person).await?;
    let mut study = store::education(tx, person.id, id).await?;
    if veil(tx, &mut person).await? {
        study.student_no = None;
    }
    Ok(study)
}

pub(super) async fn update_education(
    tx: &mut Tx,
    person: PersonId,
    id: EducationId,
    patch: &EducationPatch,
) -> Result<Education> {
    let (before, permit) = change_education(tx, Act::UpdateEducation, person, id).await?;
    let fields = tx.fields.clone();
    tx.record(Change::new("education.updated", "education", id).fields(fields));
    store::update_education(tx, permit, &before, patch).await
}

pub(super) async fn delete_education(tx: &mut Tx, person: PersonId, id: EducationId) -> Result<()> {
    let (before, permit) = change_education(tx, Act::DeleteEducation, person, id).await?;
    tx.record(Change::new("education.deleted", "education", id));
    store::delete_education(tx, permit, &before).await
}

async fn change_education(tx: &mut Tx, act: Act, person: PersonId, id: EducationId) -> Result<(Education, Permit)> {
    let owner = store::lock(tx, person).await?;
    require_change(tx, act, &owner).await?;
    let before = store::education(tx, person, id).await?;
    let permit = tx.require(act, &[Scope::College(before.college_id)]).await?;
    tx.check_version(&before.version_tag())?;
    Ok((before, permit))
}

/// One's own record, or one that a grant covers; else it is not there.
async fn require_sight(tx: &mut Tx, act: Act, person: &Person) -> Result<()> {
    match tx.person().await? == Some(person.id) || tx.may(act, &person.place()).await? {
        true => Ok(()),
        false => Err(NOT_FOUND.into()),
    }
}

/// 404 for a record that one may not see, 403 for one that one may only see.
async fn require_change(tx: &mut Tx, act: Act, person: &Person) -> Result<Permit> {
    require_sight(tx, Act::ReadPerson, person).await?;
    tx.require(act, &person.place()).await
}

/// A person for an act: one's own record one reads without a grant.
pub(super) async fn locate(tx: &mut Tx, act: Act, id: PersonId) -> Result<Placed> {
    let person = store::person(tx, id).await?;
    require_sight(tx, Act::ReadPerson, &person).await?;
    let own = [Act::ReadPerson, Act::ReadWholePerson, Act::ListEducations, Act::ReadEducation];
    Ok(Placed { place: person.place(), open: own.contains(&act) && tx.person().await? == Some(id) })
}
