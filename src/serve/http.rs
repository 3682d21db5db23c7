//! Answers over HTTP from the current state of the site, and tells browsers when it changes (effect:
//! network).

use std::convert::Infallible;
use std::future::{Future as _, poll_fn};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use futures_util::stream;
use tokio::sync::watch::Sender;

use super::Snapshot;
use super::page::{self, Identity};

/// The preview's own files.
const OWN_FILES: &[(&str, &str)] = &[
    ("live.js", include_str!("live.js")),
    ("live.css", include_str!("live.css")),
    ("draft.css", include_str!("draft.css")),
];

/// On every answer: a preview is never kept, never guessed at, and never part of another site.
const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Time after which a browser looks for a server that has gone.
const RETRY: Duration = Duration::from_millis(500);

#[derive(Clone)]
struct Shared {
    state: Arc<Sender<Arc<Snapshot>>>,
    /// The address, where the names that a browser may use for it are known.
    loopback: Option<SocketAddr>,
}

/// Serves on a thread of its own until the program ends, and ends it on Ctrl-C.
pub(super) fn start(
    listener: TcpListener,
    loopback: Option<SocketAddr>,
    state: Arc<Sender<Arc<Snapshot>>>,
) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener)?
    };
    let router = Router::new()
        .fallback(answer)
        .with_state(Shared { state, loopback });
    let mut interrupt = Box::pin(tokio::signal::ctrl_c());
    // The first poll puts the handler in place, before anybody is told of the server.
    let first = poll_fn(|context| Poll::Ready(interrupt.as_mut().poll(context)));
    if let Poll::Ready(Err(error)) = runtime.block_on(first) {
        return Err(error);
    }
    let serve = async move {
        tokio::spawn(async {
            if interrupt.await.is_ok() {
                // Nothing is written, so that nothing is left half done.
                std::process::exit(0);
            }
        });
        // An event must not wait until the one before it is acknowledged.
        let listener = listener.tap_io(|socket| {
            let _ = socket.set_nodelay(true);
        });
        axum::serve(listener, router).await
    };
    std::thread::Builder::new()
        .name("serve".into())
        .spawn(move || runtime.block_on(serve))?;
    Ok(())
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let mut response = respond(&shared, &request);
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response
}

fn respond(shared: &Shared, request: &Request) -> Response {
    if shared
        .loopback
        .is_some_and(|address| !is_own_host(request.headers(), address))
    {
        // A name of somebody else that leads here would give its pages what is private here.
        return plain(
            StatusCode::MISDIRECTED_REQUEST,
            "this preview answers to localhost, 127.0.0.1 and [::1] only",
        );
    }
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD");
        let allow = HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(header::ALLOW, allow);
        return response;
    }
    let address = request.uri().path();
    match address.strip_prefix(page::OWN) {
        Some("events") => events(shared),
        Some("findings.json") => {
            let asked = page::parameter(request.uri().query().unwrap_or_default(), "path");
            let path = asked.map(|path| page::index_of(&path));
            let report = shared.state.borrow().report(path.as_deref());
            file(StatusCode::OK, "findings.json", report)
        }
        Some(name) => match OWN_FILES.iter().find(|(known, _)| *known == name) {
            Some((name, text)) => file(StatusCode::OK, name, *text),
            None => site(&shared.state.borrow(), address),
        },
        None => site(&shared.state.borrow(), address),
    }
}

/// Whether a request was made to a name of this machine, at this port.
fn is_own_host(headers: &HeaderMap, address: SocketAddr) -> bool {
    let Some(host) = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
    else {
        return false;
    };
    let (name, port) = match host.rsplit_once(':') {
        // A colon inside brackets is part of the address.
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, "80"),
    };
    let own = match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    };
    let named = ["localhost", "127.0.0.1", "[::1]", &own]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name));
    named && port == address.port().to_string()
}

fn site(snapshot: &Snapshot, address: &str) -> Response {
    let path = page::file_path(address);
    match snapshot.file(&path) {
        Some(found) if path.ends_with(".html") => {
            let html = inject(snapshot, &path, &found.bytes, &found.digest);
            file(StatusCode::OK, &path, html)
        }
        Some(found) => file(StatusCode::OK, &path, found.bytes.clone()),
        None if snapshot.is_empty() => {
            let html = inject(snapshot, &path, page::NOT_BUILT.as_bytes(), "");
            file(StatusCode::SERVICE_UNAVAILABLE, "page.html", html)
        }
        None => match snapshot.file("404.html") {
            Some(found) => {
                let html = inject(snapshot, &path, &found.bytes, "");
                file(StatusCode::NOT_FOUND, "404.html", html)
            }
            None => plain(StatusCode::NOT_FOUND, "not found"),
        },
    }
}

fn inject(snapshot: &Snapshot, path: &str, html: &[u8], digest: &str) -> Vec<u8> {
    let identity = Identity {
        path,
        digest,
        assets: &snapshot.assets(),
        draft: snapshot.is_draft(path),
    };
    page::inject(html, identity)
}

/// An event for every change of the site; the first holds all of it, so that a browser that comes back
/// learns what it missed.
fn events(shared: &Shared) -> Response {
    let start = (shared.state.subscribe(), None::<Arc<Snapshot>>);
    let events = stream::unfold(start, |(mut receiver, mut seen)| async move {
        loop {
            if seen.is_some() && receiver.changed().await.is_err() {
                return None;
            }
            let now = Arc::clone(&receiver.borrow_and_update());
            let message = now.difference(seen.as_deref());
            seen = Some(now);
            if let Some(message) = message {
                let event = Event::default().retry(RETRY).data(message);
                return Some((Ok::<_, Infallible>(event), (receiver, seen)));
            }
        }
    });
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

fn file(status: StatusCode, name: &str, body: impl Into<Body>) -> Response {
    let kind = HeaderValue::from_static(page::content_type(name));
    (status, [(header::CONTENT_TYPE, kind)], body.into()).into_response()
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    file(status, "message.txt", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_with_the_port_are_answered() {
        let is_own = |host: &'static str, address: &str| {
            let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            is_own_host(&headers, address.parse().expect("an address"))
        };
        let here = "127.0.0.1:8000";
        for host in [
            "localhost:8000",
            "LOCALHOST:8000",
            "127.0.0.1:8000",
            "[::1]:8000",
        ] {
            assert!(is_own(host, here), "{host}");
        }
        for host in [
            "localhost",
            "localhost:8001",
            "127.0.0.1",
            "evil.example:8000",
            "127.0.0.1.evil.example:8000",
            "localhost:8000.evil.example",
            "[::1]",
            "",
        ] {
            assert!(!is_own(host, here), "{host}");
        }
        assert!(is_own("localhost", "127.0.0.1:80"));
        assert!(is_own("[::1]", "[::1]:80"));
        assert!(is_own("127.0.0.2:8000", "127.0.0.2:8000"));
        assert!(!is_own_host(
            &HeaderMap::new(),
            here.parse().expect("an address")
        ));
    }
}
