# The Rasa server, with the model that `make rasa` trained (nlu/.venv-rasa/models, mounted).
FROM python:3.10-slim
RUN apt-get update && apt-get install --yes --no-install-recommends gcc g++ && rm -rf /var/lib/apt/lists/*
COPY nlu/rasa/requirements.txt requirements.txt
RUN pip install --no-cache-dir --require-hashes --prefer-binary --requirement requirements.txt \
    && useradd --system --uid 10001 rasa && install --directory --owner rasa /srv/rasa
USER rasa
WORKDIR /srv/rasa
ENV RASA_TELEMETRY_ENABLED=false
ENTRYPOINT ["python", "-m", "rasa"]
