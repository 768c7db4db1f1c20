//! The operations on people and their educations.

use actix_web::web::Path;
use actix_web::{delete, get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{Education, EducationPatch, NewEducation, NewPerson, Person, PersonFilter, PersonPatch};
use crate::access::context::Ctx;
use crate::base::error::Result;
use crate::base::ids::{EducationId, PersonId};
use crate::base::page::{Page, PageParams};
use crate::http::body::Valid;
use crate::http::query::{Listing, NoFilter};
use crate::http::reply::Reply;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_people)
        .service(create_person)
        .service(read_person)
        .service(update_person)
        .service(list_educations)
        .service(create_education)
        .service(read_education)
        .service(update_education)
        .service(delete_education);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PersonPath {
    /// The person.
    person: PersonId,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct EducationPath {
    /// The person.
    person: PersonId,
    /// The study.
    education: EducationId,
}

/// List people
///
/// Those whom the caller's grants cover, and the caller's own record.
#[utoipa::path(params(PersonFilter, PageParams), responses((status = 200, description = "A page of people", body = Page<Person>)))]
#[get("/people")]
async fn list_people(ctx: Ctx, list: Listing<PersonFilter>) -> Result<Reply> {
    Reply::ok(&ctx.read(async |tx| actions::list_people(tx, &list.filter, &list.page).await).await?)
}

/// Add a person
///
/// The pinyin of the name is made unless it is given.
#[utoipa::path(request_body = NewPerson, responses((status = 201, description = "The new person", body = Person)))]
#[post("/people")]
async fn create_person(ctx: Ctx, body: Valid<NewPerson>) -> Result<Reply> {
    ctx.write(async |tx| Reply::created(&actions::create_person(tx, &body.0).await?)).await
}

/// Read a person
///
/// One's own record, or one that a grant covers.
#[utoipa::path(params(PersonPath), responses((status = 200, description = "The person", body = Person)))]
#[get("/people/{person}")]
async fn read_person(ctx: Ctx, path: Path<PersonPath>) -> Result<Reply> {
    Reply::resource(&ctx.read(async |tx| actions::read_person(tx, path.person).await).await?)
}

/// Change a person
///
/// Absent fields stay, null clears. A new name is read anew unless its pinyin comes along.
#[utoipa::path(params(PersonPath), request_body = PersonPatch, responses((status = 200, description = "The changed person", body = Person)))]
#[patch("/people/{person}")]
async fn update_person(ctx: Ctx, path: Path<PersonPath>, body: Valid<PersonPatch>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::update_person(tx, path.person, body.0).await?)).await
}

/// List a person's studies
///
/// In the order in which they were added.
#[utoipa::path(params(PersonPath, PageParams), responses((status = 200, description = "A page of studies", body = Page<Education>)))]
#[get("/people/{person}/educations")]
async fn list_educations(ctx: Ctx, path: Path<PersonPath>, list: Listing<NoFilter>) -> Result<Reply> {
    Reply::ok(&ctx.read(async |tx| actions::list_educations(tx, path.person, &list.page).await).await?)
}

/// Add a study
///
/// With a class, it must be a class of the same college.
#[utoipa::path(params(PersonPath), request_body = NewEducation, responses((status = 201, description = "The new study", body = Education)))]
#[post("/people/{person}/educations")]
async fn create_education(ctx: Ctx, path: Path<PersonPath>, body: Valid<NewEducation>) -> Result<Reply> {
    ctx.write(async |tx| Reply::created(&actions::create_education(tx, path.person, &body.0).await?)).await
}

/// Read a study
///
/// One study of one person.
#[utoipa::path(params(EducationPath), responses((status = 200, description = "The study", body = Education)))]
#[get("/people/{person}/educations/{education}")]
async fn read_education(ctx: Ctx, path: Path<EducationPath>) -> Result<Reply> {
    Reply::resource(&ctx.read(async |tx| actions::read_education(tx, path.person, path.education).await).await?)
}

/// Change a study
///
/// Absent fields stay, null clears.
#[utoipa::path(params(EducationPath), request_body = EducationPatch, responses((status = 200, description = "The changed study", body = Education)))]
#[patch("/people/{person}/educations/{education}")]
async fn update_education(ctx: Ctx, path: Path<EducationPath>, body: Valid<EducationPatch>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::update_education(tx, path.person, path.education, &body.0).await?))
        .await
}

/// Remove a study
///
/// One that was entered by mistake.
#[utoipa::path(params(EducationPath), responses((status = 204, description = "Removed")))]
#[delete("/people/{person}/educations/{education}")]
async fn delete_education(ctx: Ctx, path: Path<EducationPath>) -> Result<Reply> {
    ctx.write(async |tx| actions::delete_education(tx, path.person, path.education).await.map(|()| Reply::no_content()))
        .await
}
