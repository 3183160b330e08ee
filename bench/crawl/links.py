"""Scrapy on the web of bench/crawl/web.ts: every page once, its links and its text, tuned for one process.

    python3 bench/crawl/links.py PAGES PORT

prints one line of JSON: {"pages", "seconds", "cpuSeconds", "rssMb"}; start-up is not in it.
Tuned as Scrapy's own "Broad Crawls" page has it: more at once, no cookies, no retries, no robots.txt, no log.
"""
import json
import resource
import sys
import time

import scrapy
from scrapy.crawler import CrawlerProcess

PAGES, PORT = int(sys.argv[1]), int(sys.argv[2])
STARTED, CPU = time.monotonic(), time.process_time()


class Links(scrapy.Spider):
    name = "links"
    start_urls = [f"http://127.1.0.0:{PORT}/p/0"]
    pages = 0

    def parse(self, response):
        Links.pages += 1
        "".join(response.xpath("//body//text()").getall())
        for href in response.css("a::attr(href)").getall():
            yield response.follow(href, self.parse)


process = CrawlerProcess(
    {
        "CONCURRENT_REQUESTS": 64,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 64,
        "REACTOR_THREADPOOL_MAXSIZE": 20,
        "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.DownloaderAwarePriorityQueue",
        "COOKIES_ENABLED": False,
        "RETRY_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        "DOWNLOAD_DELAY": 0,
    }
)
process.crawl(Links)
process.start()
print(
    json.dumps(
        {
            "pages": Links.pages,
            "seconds": time.monotonic() - STARTED,
            "cpuSeconds": time.process_time() - CPU,
            "rssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
