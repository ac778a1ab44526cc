# syntax=docker/dockerfile:1

# What builds stays here.
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/root/.npm npm ci
RUN npm run build

# What runs: the packages for production, the build and the migrations, all of it read-only for who runs it.
FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 DATA_DIR=/data
RUN install --directory --owner=node --group=node /data
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev
COPY --from=build /build/prisma ./prisma
COPY --from=build /build/dist ./dist
USER node
# The embedded database, without DATABASE_URL, and mails as files, without SMTP_URL.
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Needs no init: it ends at SIGTERM as the first process too, and waits for the processes that it starts.
ENTRYPOINT ["node", "dist/src/bin.js"]
CMD ["start"]
