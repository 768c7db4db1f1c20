//! The operations on colleges and classes.

use actix_web::web::Path;
use actix_web::{get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{
    ClassGroup, ClassGroupFilter, ClassGroupPatch, College, CollegeFilter, CollegePatch, NewClassGroup, NewCollege,
};
use crate::access::context::Ctx;
use crate::base::error::Result;
use crate::base::ids::{ClassGroupId, CollegeId};
use crate::base::page::{Page, PageParams};
use crate::http::body::Valid;
use crate::http::query::Listing;
use crate::http::reply::Reply;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_colleges)
        .service(create_college)
        .service(read_college)
        .service(update_college)
        .service(list_class_groups)
        .service(create_class_group)
        .service(read_class_group)
        .service(update_class_group);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct CollegePath {
    /// The college.
    college: CollegeId,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ClassGroupPath {
    /// The class.
    class_group: ClassGroupId,
}

/// List colleges
///
/// All colleges of the university, by code.
#[utoipa::path(params(CollegeFilter, PageParams), responses((status = 200, description = "A page of colleges", body = Page<College>)))]
#[get("/colleges")]
async fn list_colleges(ctx: Ctx, list: Listing<CollegeFilter>) -> Result<Reply> {
    let page = ctx.read(async |tx| actions::list_colleges(tx, &list.filter, &list.page).await).await?;
    Ok(Reply::ok(&page)?.public_unless(ctx.signed_in()))
}

/// Add a college
///
/// The code is unique and stays.
#[utoipa::path(request_body = NewCollege, responses((status = 201, description = "The new college", body = College)))]
#[post("/colleges")]
async fn create_college(ctx: Ctx, body: Valid<NewCollege>) -> Result<Reply> {
    ctx.write(async |tx| Reply::created(&actions::create_college(tx, &body.0).await?)).await
}

/// Read a college
///
/// One college by its id.
#[utoipa::path(params(CollegePath), responses((status = 200, description = "The college", body = College)))]
#[get("/colleges/{college}")]
async fn read_college(ctx: Ctx, path: Path<CollegePath>) -> Result<Reply> {
    let college = ctx.read(async |tx| actions::read_college(tx, path.college).await).await?;
    Ok(Reply::resource(&college)?.public_unless(ctx.signed_in()))
}

/// Change a college
///
/// Absent fields stay, null clears.
#[utoipa::path(params(CollegePath), request_body = CollegePatch, responses((status = 200, description = "The changed college", body = College)))]
#[patch("/colleges/{college}")]
async fn update_college(ctx: Ctx, path: Path<CollegePath>, body: Valid<CollegePatch>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::update_college(tx, path.college, &body.0).await?)).await
}

/// List classes
///
/// Classes by college, by the year they left (届) or came (级).
#[utoipa::path(params(ClassGroupFilter, PageParams), responses((status = 200, description = "A page of classes", body = Page<ClassGroup>)))]
#[get("/class-groups")]
async fn list_class_groups(ctx: Ctx, list: Listing<ClassGroupFilter>) -> Result<Reply> {
    let page = ctx.read(async |tx| actions::list_class_groups(tx, &list.filter, &list.page).await).await?;
    Reply::ok(&page)
}

/// Add a class
///
/// One of the two years at least: 届 and 级 are never mixed.
#[utoipa::path(request_body = NewClassGroup, responses((status = 201, description = "The new class", body = ClassGroup)))]
#[post("/class-groups")]
async fn create_class_group(ctx: Ctx, body: Valid<NewClassGroup>) -> Result<Reply> {
    ctx.write(async |tx| Reply::created(&actions::create_class_group(tx, &body.0).await?)).await
}

/// Read a class
///
/// One class by its id.
#[utoipa::path(params(ClassGroupPath), responses((status = 200, description = "The class", body = ClassGroup)))]
#[get("/class-groups/{class_group}")]
async fn read_class_group(ctx: Ctx, path: Path<ClassGroupPath>) -> Result<Reply> {
    Reply::resource(&ctx.read(async |tx| actions::read_class_group(tx, path.class_group).await).await?)
}

/// Change a class
///
/// Absent fields stay, null clears.
#[utoipa::path(params(ClassGroupPath), request_body = ClassGroupPatch, responses((status = 200, description = "The changed class", body = ClassGroup)))]
#[patch("/class-groups/{class_group}")]
async fn update_class_group(ctx: Ctx, path: Path<ClassGroupPath>, body: Valid<ClassGroupPatch>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::update_class_group(tx, path.class_group, &body.0).await?)).await
}
