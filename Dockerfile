# genrescope with tags, page and further formats. The image holds no music and no pretrained network.
#
#   docker build --tag genrescope .
#   docker run --rm --volume ~/Music:/music:ro genrescope classify /music
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN python -m venv /opt/genrescope \
    && /opt/genrescope/bin/pip install --no-cache-dir --only-binary numpy,onnxruntime,soundfile,soxr,av ".[tags,web,av]"

FROM python:3.12-slim
# Files that are written belong to this user; let it be the one who owns the music.
ARG UID=1000
ARG GID=1000
RUN { getent group "${GID}" || groupadd --gid "${GID}" genrescope; } \
    && useradd --uid "${UID}" --gid "${GID}" --no-log-init --create-home genrescope \
    && install --directory --owner "${UID}" --group "${GID}" /data /music
COPY --from=build /opt/genrescope /opt/genrescope
# The index of libraries, the journal for undo and pretrained networks are kept in /data.
ENV PATH=/opt/genrescope/bin:$PATH \
    XDG_DATA_HOME=/data \
    HOME=/tmp \
    PYTHONUNBUFFERED=1
USER ${UID}:${GID}
VOLUME /data
EXPOSE 8765
STOPSIGNAL SIGINT
# Any answer counts, also that a token is missing. Where no page is served, check otherwise.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8765, timeout=5); c.request('GET', '/'); raise SystemExit(c.getresponse().status >= 500)"]
ENTRYPOINT ["genrescope"]
CMD ["serve", "/music", "--host", "0.0.0.0", "--no-browser"]
