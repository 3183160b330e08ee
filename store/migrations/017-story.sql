-- An address is looked up over all visits: to tell why it was or was not fetched, and to answer tips.
-- By hash alone: it is never read in order, and costs a new address the least.
create index frontier_url on frontier using hash (url_key);
