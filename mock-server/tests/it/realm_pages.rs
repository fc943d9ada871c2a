//! The page of realms, without script: what it shows of each, and the click that deletes one.

use crate::own_pages::{addresses, make_realm};
use crate::pages::visit;
use crate::playground::plain;

#[tokio::test]
async fn realms_are_listed_counted_and_deleted_by_a_click() {
    let visit = visit().await;
    let path = "/_mock/realms.html";
    let alone = visit.page(path).await;
    assert!(alone.contains("data-test=\"realm-\"") && !alone.contains("data-test=\"delete-"), "{alone}");
    assert!(alone.contains("curl -s --json '{\"name\":\"my-test\"}' http://HOST/_mock/realms"), "{alone}");
    make_realm(&visit).await;
    let near = visit.click(path, "delete=sdie").await.text().await.unwrap();
    assert!(plain(&near).contains(">There is no realm `sdie`; did you mean `side`?<"), "{near}");
    let login = "/com/v3/authorise?client_id=TESTBED-CLIENT&attributes=name&purpose=x&state=s&redirect_uri=http://localhost:3001/callback";
    visit.get(&format!("/_realm/side{login}")).await;
    visit.click("/_realm/side/_mock/faults.html", "arm=jwe-tag").await;
    let page = visit.page(path).await;
    let of = |name: &str| {
        let part = page.split(&format!("data-test=\"realm-{name}\"")).nth(1).unwrap();
        part.split("</li>").next().unwrap().to_owned()
    };
    assert!(of("").contains("0 transactions · ") && of("side").contains("1 transaction · 1 fault armed · "), "{page}");
    assert!(of("side").contains("TESTBED-CLIENT"), "{page}");
    let links = addresses(&page).into_iter().filter_map(|address| address.strip_prefix("http://HOST/_realm/side"));
    let links: Vec<&str> = links.collect();
    assert_eq!(links.len(), 5, "{page}");
    for link in links {
        assert_eq!(visit.get(&format!("/_realm/side{link}")).await.status(), 200, "{link}");
    }
    let done = visit.click(&format!("/_realm/side{path}"), "delete=side").await;
    assert_eq!((done.status().as_u16(), &done.headers()["location"]), (303, &path.parse().unwrap()));
    assert_eq!(visit.get("/_realm/side/").await.status(), 404);
    for (form, status, says) in [
        ("delete=side", 404, "There is no realm `side`."),
        ("delete=", 404, "There is no realm ``."),
        ("delete=%3Cscript%3E", 404, "&#60;script&#62;"),
        ("remove=side", 400, "a click sends `delete`"),
    ] {
        let answer = visit.click(path, form).await;
        assert_eq!(answer.status(), status, "{form}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(says) && !page.contains("<script>"), "{form}: {page}");
    }
    let foreign = visit.http.post(format!("{}{path}", visit.mock.base_url())).body("delete=side").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
}
