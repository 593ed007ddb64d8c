# livezone in a container. Build: docker build -t livezone .
# Run:   docker run -d --network host --cap-drop ALL --cap-add NET_BIND_SERVICE --cap-add NET_RAW \
#          -v ./zones:/etc/livezone:ro -v livezone:/var/lib/livezone livezone
# The host's network, so that answers leave from the address that was asked and source ports are real.

FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:20-bookworm-slim
WORKDIR /usr/lib/livezone
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
# Capabilities of the file: the process is not root, and has these two where the container has.
RUN apt-get update && apt-get install -y --no-install-recommends libcap2-bin \
  && setcap cap_net_bind_service,cap_net_raw+ep "$(readlink -f "$(which node)")" \
  && apt-get purge -y --auto-remove libcap2-bin && rm -rf /var/lib/apt/lists/* \
  && ln -s /usr/lib/livezone/dist/app/main.js /usr/local/bin/livezone \
  && mkdir -p /var/lib/livezone && chown node:node /var/lib/livezone
USER node
VOLUME /var/lib/livezone
EXPOSE 53/udp 53/tcp 853/tcp
STOPSIGNAL SIGTERM
ENTRYPOINT ["livezone"]
CMD ["serve", "/etc/livezone/livezone.yaml", "--store", "/var/lib/livezone/livezone.db"]
