//! Attacks on a server of its own process: descriptors and memory afterwards.

use crate::process::Mock;
use crate::robustness::status;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[test]
fn clients_that_leave_while_their_answer_waits_leave_no_descriptors() {
    let mock = Mock::start(&[], "[server]\nclient_seconds = 2\n");
    assert_eq!(status(&mock.get("/_mock/health")), 200);
    let before = mock.descriptors();
    let clients: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(mock.address).unwrap();
            let request = "GET /_mock/exchanges?follow=1&client=NOBODY HTTP/1.1\r\nHost: localhost\r\n\r\n";
            stream.write_all(request.as_bytes()).unwrap();
            // the head of the answer, then nothing
            stream.read_exact(&mut [0; 15]).unwrap();
            stream
        })
        .collect();
    // the connection that was asked first may still have been there when they were counted
    let held = mock.descriptors();
    assert!((before + 19..=before + 20).contains(&held), "{before}, {held}: one descriptor for each connection");
    drop(clients);
    // each waits for an answer of the server: it has the time that it needs to notice, and no test waits for nothing
    let mut waiting = TcpStream::connect(mock.address).unwrap();
    waiting.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    waiting.write_all(b"GET /").unwrap();
    waiting.read_to_string(&mut String::new()).unwrap();
    drop(waiting);
    assert!(mock.descriptors() <= before + 1, "{} of {before} descriptors", mock.descriptors());
}

#[test]
fn a_journal_full_of_parameters_is_listed_in_little_memory() {
    let mock = Mock::start(&[], "[server]\nclient_seconds = 2\n");
    let letters = || (b'a'..=b'z').map(char::from);
    let names: Vec<String> =
        letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}")))).collect();
    let query = names[..9_000].join("&");
    for _ in 0..40 {
        assert_eq!(status(&mock.get(&format!("/nowhere?{query}"))), 404);
    }
    let kept = mock.peak();
    assert!(kept < 80_000, "{kept} kB");
    let list = mock.get("/_mock/exchanges");
    assert!(list.ends_with("\"more\": false\n}\n\r\n0\r\n\r\n"), "it is whole");
    assert!(mock.peak() < kept + 10_000, "{} kB after {kept} kB: a list is not in memory as a whole", mock.peak());
}

#[test]
fn a_list_is_read_in_pages() {
    let mock = Mock::start(&[], "[server]\nclient_seconds = 2\n");
    for number in 0..5 {
        mock.get(&format!("/nowhere/{number}"));
    }
    let first = mock.get("/_mock/exchanges?limit=2");
    assert!(first.contains("\"number\": 2") && !first.contains("\"number\": 3"), "{first}");
    assert!(first.contains("\"more\": true"), "{first}");
    let last = mock.get("/_mock/exchanges?limit=2&after=3");
    assert!(last.contains("\"number\": 5") && last.contains("\"more\": false"), "{last}");
    assert_eq!(mock.get("/_mock/transactions?limit=3").matches("\"outcome\"").count(), 3);
    assert_eq!(status(&mock.get("/_mock/exchanges?limit=0")), 400);
}
