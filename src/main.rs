//! The command line of Homecoming.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    homecoming::command::run().await
}
