//! R5: the disk of the data directory fills up: errors that pass, nothing acknowledged lost, and it works again.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use homecoming::db::embedded::Embedded;

use crate::books::Books;
use crate::client::{Call, Client, published_event};
use crate::home::{Home, copy_demo};
use crate::load::{self, Load};
use crate::program::Program;
use crate::{size, until};

/// A small disk in memory, at a directory for as long as this lives.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None`, with the reason printed, where this user may not mount.
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir(&at).unwrap();
        let options = ["-t", "tmpfs", "-o", "size=160m,mode=711", "homecoming-test"];
        match Command::new("mount").args(options).arg(&at).output() {
            Ok(mounted) if mounted.status.success() => Some(Self(at)),
            refused => {
                eprintln!("skipped: a small disk cannot be mounted here: {refused:?}");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that is just ending may still have files there.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A file that takes all the space that is left.
fn fill(disk: &Path) -> PathBuf {
    let filler = disk.join("filler");
    let mut file = File::options().create(true).append(true).open(&filler).unwrap();
    let mut block = vec![0_u8; 1 << 20];
    while !block.is_empty() {
        if file.write_all(&block).is_err() {
            block.truncate(block.len() / 2);
        }
    }
    filler
}

/// Writes until nothing can be written, the log of the database included, which then ends.
async fn exhaust_log(server: &Embedded) {
    let mut books = Books::of(server).await;
    for _ in 0..20 {
        if let Err(error) = books.try_run("create table filler (); drop table filler; select pg_switch_wal()").await {
            eprintln!("the database is at its end: {error}");
            return;
        }
    }
    panic!("the disk is not full");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_503_loses_nothing_and_ends_with_the_fullness() {
    let home = Home::bare().await;
    let Some(disk) = SmallDisk::mount(home.data_dir()) else { return };
    copy_demo(&home.data_dir());
    let program = Program::start(&home).await;
    let (event, secretary) = published_event(program.address, 40).await;
    let mut anyone = Client::new(program.address, None);
    let load = Load::begin(load::Program::Stays, program.address, 4, &event, secretary);
    for round in 0..size(1, 5) {
        load.goes_on(20).await;
        let server = home.guest();
        let filler = fill(&disk.0);
        until(60, "writing ends", async || {
            let before = load.count();
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            load.count() == before
        })
        .await;
        let read = anyone.ask(&Call::get(&event)).await.unwrap();
        eprintln!("round {round}: with a full disk a read is {}", read.status);
        assert!(read.status == 200 || read.is_busy(), "{read:?}");
        if round % 2 == 0 {
            exhaust_log(&server).await;
            // Longer than a few quick restarts take.
            tokio::time::sleep(std::time::Duration::from_secs(size(2, 20))).await;
            let read = anyone.ask(&Call::get(&event)).await.unwrap();
            eprintln!("round {round}: with a full log a read is {}", read.status);
            assert!(read.status == 200 || read.is_busy(), "{read:?}");
        }
        assert_eq!(anyone.status(&Call::get("//livez")).await, Ok(200));
        fs::remove_file(filler).unwrap();
        let back = load.goes_on(1).await;
        eprintln!("round {round}: registrations go on {back:?} after there is space again");
    }
    let mut books = Books::of(&home.guest()).await;
    load.end(&mut books).await;
    books.check_journal(&home.data_dir()).await;
    drop(books);
    program.stop().await;
    drop(disk);
}
