//! The books of the province, as JSON and as a page to read.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, HOST};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use zhijie_model::Fen;

use crate::admin::{Shared, Trouble};
use crate::province::Province;
use crate::store::{self, Book, Cell};

pub(crate) fn router() -> Router<Arc<Province>> {
    Router::new().route("/", get(page)).route("/books", get(books))
}

/// Lets in who names this side by a loopback name: a page in somebody's browser that points a name of its own here does not.
pub(crate) async fn only_here(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    if name.is_some_and(|name| ["127.0.0.1", "localhost", "[::1]"].contains(&name)) {
        next.run(request).await
    } else {
        Trouble(StatusCode::FORBIDDEN, String::from("loopback only")).into_response()
    }
}

async fn books(State(province): Shared) -> Result<Json<Vec<Book>>, Trouble> {
    Ok(Json(province.with_db(|db| store::books(db))?))
}

async fn page(State(province): Shared) -> Result<Response, Trouble> {
    let books = province.with_db(|db| store::books(db))?;
    let faults = province.faults.list().len();
    let mut html = String::from(HEAD);
    html.push_str(&format!(
        "<h1>沙箱省 <small>Sandbox province</small></h1>\n<p>统筹区 {} · 现在 {} · 等待中的故障 {faults} 个\
         <br><span lang=\"en\">area, time, faults that wait. Nobody here is real. The same as JSON: <a href=\"/books\">/books</a></span></p>\n",
        escaped(&province.options.area.to_string()),
        escaped(&province.time()),
    ));
    html.push_str("<nav>");
    for book in &books {
        html.push_str(&format!(
            "<a href=\"#{0}\">{1} ({2})</a> ",
            escaped(&book.name),
            escaped(&book.title),
            book.rows.len()
        ));
    }
    html.push_str("</nav>\n");
    for book in &books {
        table(&mut html, book);
    }
    html.push_str("</body></html>\n");
    let policy = [(
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'",
    )];
    Ok((policy, Html(html)).into_response())
}

fn table(html: &mut String, book: &Book) {
    html.push_str(&format!(
        "<h2 id=\"{}\">{}</h2>\n",
        escaped(&book.name),
        escaped(&book.title)
    ));
    if book.rows.is_empty() {
        html.push_str("<p class=\"none\">无 none</p>\n");
        return;
    }
    html.push_str("<div><table><tr>");
    for column in &book.columns {
        html.push_str(&format!("<th>{}</th>", escaped(column.trim_end_matches("_fen"))));
    }
    html.push_str("</tr>\n");
    for row in &book.rows {
        html.push_str("<tr>");
        for (column, cell) in book.columns.iter().zip(row) {
            let (class, text) = shown(column, cell);
            html.push_str(&format!("<td{class}>{}</td>", escaped(&text)));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table></div>\n");
}

/// Money in yuan, at the right edge.
fn shown(column: &str, cell: &Cell) -> (&'static str, String) {
    match cell {
        Cell::Nothing => ("", String::new()),
        Cell::Number(number) if column.ends_with("_fen") => {
            let yuan = Fen::new(*number).map_or_else(|_| number.to_string(), |fen| fen.to_string());
            (" class=\"money\"", yuan)
        }
        Cell::Number(number) => ("", number.to_string()),
        Cell::Text(text) => ("", text.clone()),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

const HEAD: &str = "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>沙箱省</title><style>\
body{font:15px/1.5 sans-serif;margin:1.5rem;color:#222}h1 small{color:#777;font-weight:normal}\
h2{margin:1.5rem 0 .4rem;font-size:1.1rem}nav a{margin-right:.8rem}div{overflow-x:auto}\
table{border-collapse:collapse;font-size:13px}th,td{border:1px solid #ccc;padding:.15rem .5rem;text-align:left}\
th{background:#f2f2f2}td.money{text-align:right;font-variant-numeric:tabular-nums}.none{color:#888}\
</style></head><body>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_yuan_and_markup_is_text() {
        assert_eq!(shown("total_fen", &Cell::Number(-41_260)).1, "-412.60");
        assert_eq!(shown("n", &Cell::Number(7)), ("", String::from("7")));
        assert_eq!(escaped("<b>&\""), "&lt;b&gt;&amp;&quot;");
    }
}
