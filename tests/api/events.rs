//! Events.
use crate::support::App;

#[actix_web::test]
async fn smoke() {
    let app = App::start().await;
    let event = app.published_event(serde_json::json!({})).await;
    app.anyone().get(&event).await.expect(200);
}
