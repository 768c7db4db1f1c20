//! R7: several programs start at once on one empty database.

use futures::future::join_all;

use crate::books::Books;
use crate::client::{Call, Client};
use crate::home::Home;
use crate::program::{Program, free_address};
use crate::size;

/// That many programs, begun at once on a server of their own, all ready.
async fn all_ready(home: &Home, url: &str, count: usize, arguments: &[&str]) -> Vec<Program> {
    let begin = |number| {
        let data_dir = home.root().join(format!("starter{number}"));
        Program::begin(&data_dir, Some(url), free_address(), arguments)
    };
    let mut programs: Vec<_> = (0..count).map(begin).collect();
    join_all(programs.iter_mut().map(|program| program.ready(120))).await;
    programs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_come_up_and_make_one_demo_year() {
    let home = Home::bare().await;
    let server = home.start_server(true);
    let programs = all_ready(&home, server.url(), size(3, 8), &["serve"]).await;
    let mut books = Books::of(&server).await;
    assert_eq!(books.count("select count(*) from people").await, 5_000);
    assert_eq!(books.count("select count(*) from signing_keys").await, 1);
    // What one of them signs, the others take.
    let token = Client::sign_in(programs[0].address, "office").await.token().to_owned();
    for program in &programs {
        Client::new(program.address, Some(&token)).expect(&Call::get("/me"), 200).await;
    }
    drop(books);
    for program in programs {
        program.stop().await;
    }
    server.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_demo_they_make_one_administrator_whose_printed_password_is_good() {
    let home = Home::bare().await;
    let server = home.start_server(true);
    let programs = all_ready(&home, server.url(), size(3, 8), &["serve", "--empty"]).await;
    let mut books = Books::of(&server).await;
    assert_eq!(books.count("select count(*) from accounts").await, 1);
    assert_eq!(books.count("select count(*) from role_grants where role = 'system_admin'").await, 1);
    let mut good = 0;
    for program in &programs {
        let output = program.output();
        for printed in output.lines().filter_map(|line| line.split_once("password ")) {
            let password = printed.1.split_whitespace().next().unwrap();
            let body = serde_json::json!({
                "grant_type": "password", "email": "admin@homecoming.local", "password": password,
            });
            let answered = Client::new(program.address, None).status(&Call::post("/auth/tokens", body)).await;
            assert_eq!(answered, Ok(201), "a password that was printed is good: {output}");
            good += 1;
        }
    }
    assert_eq!(good, 1, "one password was printed");
    drop(books);
    for program in programs {
        program.stop().await;
    }
    server.stop().unwrap();
}
