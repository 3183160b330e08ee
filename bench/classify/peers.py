"""Peers of the classifier that are written in Python or run as a command, for bench/classify.ts.

    python3 peers.py JOB.json

JOB.json: {"peer", "train", "test", "out", "work"}. Rows of `train` are {"text", "label"}, of `test` {"text"},
one a line. Writes {"scores": [{label: chance} ...], "trainSeconds", "perSecond", "bytes", "loadSeconds"} to `out`.
Times are of the work alone, without reading and writing of rows.
"""

import json
import os
import pickle
import re
import resource
import subprocess
import sys
import time


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def linear(job, train, test):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    if job["peer"] == "sklearn-html":
        features = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), max_features=300_000, sublinear_tf=True)
    else:
        features = make_union(
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), max_features=300_000, sublinear_tf=True),
            TfidfVectorizer(analyzer="word", ngram_range=(1, 2), max_features=200_000, sublinear_tf=True),
        )
    model = make_pipeline(features, LogisticRegression(C=10, max_iter=200))
    started = time.perf_counter()
    model.fit([row["text"] for row in train], [row["label"] for row in train])
    trained = time.perf_counter() - started
    texts = [row["text"] for row in test]
    started = time.process_time()
    chances = model.predict_proba(texts)
    spent = time.process_time() - started
    path = os.path.join(job["work"], "model.pickle")
    with open(path, "wb") as file:
        pickle.dump(model, file)
    started = time.perf_counter()
    with open(path, "rb") as file:
        pickle.load(file)
    loaded = time.perf_counter() - started
    labels = list(model.classes_)
    return {
        "scores": [dict(zip(labels, map(float, chance))) for chance in chances],
        "trainSeconds": trained,
        "perSecond": len(texts) / spent,
        "bytes": os.path.getsize(path),
        "loadSeconds": loaded,
    }


def childs_time():
    """Seconds of the processor of all processes that were started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def fasttext(job, train, test):
    work = job["work"]

    def line(text):
        return re.sub(r"\s+", " ", text.replace("__label__", ""))[:20_000] or "-"

    with open(f"{work}/train.txt", "w", encoding="utf-8") as file:
        for row in train:
            file.write(f"__label__{row['label']} {line(row['text'])}\n")
    with open(f"{work}/test.txt", "w", encoding="utf-8") as file:
        for row in test:
            file.write(f"{line(row['text'])}\n")
    with open(f"{work}/one.txt", "w", encoding="utf-8") as file:
        file.write("-\n")
    quiet = dict(check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    learn = "-lr 0.5 -epoch 15 -wordNgrams 2 -minn 2 -maxn 5 -dim 50 -bucket 200000 -thread 1".split()
    started = time.perf_counter()
    subprocess.run(["fasttext", "supervised", "-input", f"{work}/train.txt", "-output", f"{work}/model", *learn], **quiet)
    trained = time.perf_counter() - started

    def predict(path):
        begun = time.perf_counter(), childs_time()
        ran = subprocess.run(
            ["fasttext", "predict-prob", f"{work}/model.bin", path, "-1"], check=True, capture_output=True, text=True
        )
        return ran.stdout, time.perf_counter() - begun[0], childs_time() - begun[1]

    _, loaded, loading = predict(f"{work}/one.txt")
    told, _, spent = predict(f"{work}/test.txt")
    scores = []
    for text in told.splitlines():
        parts = text.split()
        chances = {parts[at][9:]: float(parts[at + 1]) for at in range(0, len(parts) - 1, 2)}
        total = sum(chances.values()) or 1
        scores.append({label: chance / total for label, chance in chances.items()})
    return {
        "scores": scores,
        "trainSeconds": trained,
        "perSecond": len(test) / max(1e-6, spent - loading),
        "bytes": os.path.getsize(f"{work}/model.bin"),
        "loadSeconds": loaded,
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    train, test = rows(job["train"]), rows(job["test"])
    work = fasttext if job["peer"] == "fasttext" else linear
    with open(job["out"], "w", encoding="utf-8") as file:
        json.dump(work(job, train, test), file)


if __name__ == "__main__":
    main()
