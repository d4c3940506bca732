//! The route table: the only way to answer a request is to be entered here, with a policy.

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter};
use http::Method;

use crate::gate::{self, App};
use crate::policy::Policy;

/// One route as tests and documents see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Method, as in `POST`.
    pub method: Method,
    /// Path in axum's notation, for instance `/api/auctions/{id}`.
    pub path: &'static str,
    /// Who may call it.
    pub policy: Policy,
}

/// Builds the method router of one entry once the application exists.
type Mount = Box<dyn FnOnce(&App) -> MethodRouter<App>>;

/// Routes in the order they were entered.
#[derive(Default)]
pub(crate) struct Table {
    entries: Vec<(Route, Mount)>,
}

impl Table {
    /// Enters a GET (and, as HTTP wants it, HEAD) route.
    pub(crate) fn get<H: Handler<T, App>, T: 'static>(&mut self, path: &'static str, policy: Policy, handler: H) {
        self.route(Method::GET, path, policy, handler);
    }

    /// Enters a POST route.
    pub(crate) fn post<H: Handler<T, App>, T: 'static>(&mut self, path: &'static str, policy: Policy, handler: H) {
        self.route(Method::POST, path, policy, handler);
    }

    /// Enters a PUT route.
    pub(crate) fn put<H: Handler<T, App>, T: 'static>(&mut self, path: &'static str, policy: Policy, handler: H) {
        self.route(Method::PUT, path, policy, handler);
    }

    /// Enters a PATCH route.
    pub(crate) fn patch<H: Handler<T, App>, T: 'static>(&mut self, path: &'static str, policy: Policy, handler: H) {
        self.route(Method::PATCH, path, policy, handler);
    }

    /// Enters a DELETE route.
    pub(crate) fn delete<H: Handler<T, App>, T: 'static>(&mut self, path: &'static str, policy: Policy, handler: H) {
        self.route(Method::DELETE, path, policy, handler);
    }

    fn route<H: Handler<T, App>, T: 'static>(
        &mut self,
        method: Method,
        path: &'static str,
        policy: Policy,
        handler: H,
    ) {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        let mount: Mount = Box::new(move |app| {
            MethodRouter::new()
                .on(filter, handler)
                .route_layer(from_fn_with_state((app.clone(), policy), gate::admit))
        });
        self.entries.push((Route { method, path, policy }, mount));
    }

    /// The table without its handlers.
    pub(crate) fn routes(&self) -> Vec<Route> {
        self.entries.iter().map(|(route, _)| route.clone()).collect()
    }

    /// Puts every route behind its gate.
    pub(crate) fn mount(self, app: &App) -> Router<App> {
        self.entries.into_iter().fold(Router::new(), |router, (route, mount)| {
            router.route(route.path, mount(app))
        })
    }
}
