//! The socket's file and who is at its two ends.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;

use serde_json::{Value, json};

use super::{House, is_well};
use crate::{Client, Limits, Server, ServerError};

#[tokio::test]
async fn owner_and_group_may_connect_and_nothing_else_lies_about() {
    let house = House::open(Limits::DEFAULT);
    let mode = std::fs::metadata(&house.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o660);
    assert_eq!(
        std::fs::read_dir(house.path.parent().unwrap()).unwrap().count(),
        1
    );
}

#[tokio::test]
async fn the_file_belongs_to_the_group_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let own = nix::unistd::getegid();
    let name = nix::unistd::Group::from_gid(own).unwrap().unwrap().name;
    let server = Server::bind(&path, Some(&name)).unwrap();
    assert_eq!(std::fs::metadata(server.path()).unwrap().gid(), own.as_raw());
}

#[tokio::test]
async fn the_handler_knows_who_asks() {
    let house = House::open(Limits::DEFAULT);
    let answer = house
        .client()
        .await
        .call("agent.health", &json!({}))
        .await
        .unwrap();
    let answer: Value = serde_json::from_str(answer.get()).unwrap();
    assert_eq!(answer["pid"], std::process::id());
    assert_eq!(answer["uid"], nix::unistd::geteuid().as_raw());
}

#[tokio::test]
async fn a_dead_socket_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    Server::bind(&path, None).unwrap();
}

#[tokio::test]
async fn a_living_socket_is_not_replaced() {
    let house = House::open(Limits::DEFAULT);
    assert!(matches!(
        Server::bind(&house.path, None),
        Err(ServerError::InUse(_))
    ));
    is_well(&house.client().await).await;
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    std::fs::write(&path, "mine").unwrap();
    assert!(matches!(
        Server::bind(&path, None),
        Err(ServerError::NotASocket(_))
    ));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    let nowhere = folder.path().join("no/s");
    assert!(matches!(
        Server::bind(&nowhere, None),
        Err(ServerError::Bind { .. })
    ));
}

/// A client as soon as the server listens on `path` again.
async fn back_again(path: &std::path::Path) -> Client {
    loop {
        if let Ok(client) = Client::connect(path).await {
            return client;
        }
        tokio::time::sleep(core::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_socket_that_is_taken_away_comes_back() {
    let mut house = House::open(Limits::DEFAULT);
    let before = house.client().await;
    std::fs::remove_file(&house.path).unwrap();
    is_well(&back_again(&house.path).await).await;
    // A dead one in its place.
    let other = house.path.with_file_name("other");
    drop(UnixListener::bind(&other).unwrap());
    std::fs::rename(&other, &house.path).unwrap();
    is_well(&back_again(&house.path).await).await;
    is_well(&before).await;
    let mode = std::fs::metadata(&house.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o660);
    drop(house.stop.take());
    let _ = (&mut house.serving).await;
    assert!(!house.path.exists());
}

#[tokio::test]
async fn a_file_of_somebody_elses_in_the_sockets_place_is_left_alone() {
    let mut house = House::open(Limits::DEFAULT);
    let before = house.client().await;
    std::fs::remove_file(&house.path).unwrap();
    std::fs::write(&house.path, "mine").unwrap();
    is_well(&before).await;
    drop(house.stop.take());
    let _ = (&mut house.serving).await;
    assert_eq!(std::fs::read_to_string(&house.path).unwrap(), "mine");
    assert!(Server::check(&house.path).is_err());
}
