//! Lookups by hickory-resolver, `count` under way at a time, of a name server
//! at that port. Nothing is kept.

use crate::{measure, run_task};
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts,
    ResolverConfig,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::{Resolver, TokioResolver};
use std::net::Ipv4Addr;
use tokio::runtime::Builder;

const ANSWERS: usize = 10000;

fn resolver(port: u16) -> TokioResolver {
    let mut udp = ConnectionConfig::udp();
    udp.port = port;
    let here = Ipv4Addr::LOCALHOST.into();
    let server = NameServerConfig::new(here, true, vec![udp]);
    let mut builder = Resolver::builder_with_config(
        ResolverConfig::from_parts(None, vec![], vec![server]),
        TokioRuntimeProvider::default(),
    );
    let options = builder.options_mut();
    options.cache_size = 0;
    options.ip_strategy = LookupIpStrategy::Ipv4Only;
    options.use_hosts_file = ResolveHosts::Never;
    builder.build().unwrap()
}

async fn lookups(resolver: TokioResolver, first: usize, mine: usize) {
    for i in first..first + mine {
        let found = resolver.lookup_ip(format!("n{i}.example.")).await;
        assert!(found.unwrap().iter().next().is_some());
    }
}

async fn batch(resolver: TokioResolver, first: usize, count: usize) {
    let mut tasks = Vec::with_capacity(count);
    for i in 0..count {
        let mine = (ANSWERS + i) / count;
        let first = first + i * ANSWERS;
        tasks.push(tokio::spawn(lookups(resolver.clone(), first, mine)));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

pub fn run(count: usize, port: u16) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let resolver = resolver(port);
    let mut first = 0;
    measure::report("dns", &count.to_string(), ANSWERS, || {
        run_task(&runtime, batch(resolver.clone(), first, count));
        first += count * ANSWERS;
    });
}
