import { nextTick } from 'vue'
import { createRouter, createWebHashHistory, type RouteLocationNormalized } from 'vue-router'

import { mustFirst, signedIn } from '../api/session'
import { t } from '../i18n'
import SignIn from '../pages/SignIn.vue'
import { firstPart, opens, type Part } from './roles'

declare module 'vue-router' {
  interface RouteMeta {
    part?: Part
    title: 'nav.bills' | 'nav.till' | 'nav.board' | 'nav.knowledge' | 'nav.rectifications' | 'nav.cases' | 'nav.mandates' | 'nav.names' | 'nav.replies' | 'nav.words' | 'agents.title' | 'nav.consultations' | 'nav.reconciliations' | 'nav.differences' | 'nav.days' | 'nav.refunds' | 'nav.money' | 'nav.books' | 'nav.me' | 'nav.people' | 'nav.corrections' | 'nav.orders' | 'nav.bookings' | 'nav.organisation' | 'nav.duties' | 'nav.rosters' | 'nav.audit' | 'access.mine' | 'access.first' | 'sign_in.title' | 'state.forbidden' | 'state.missing'
    open?: boolean
    roles?: string[]
  }
}

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', redirect: () => firstPart.value },
    { path: '/sign-in', component: SignIn, meta: { title: 'sign_in.title', open: true } },
    { path: '/first', component: () => import('../pages/FirstSignIn.vue'), meta: { title: 'access.first', open: true } },
    { path: '/cases', component: () => import('../pages/Inbox.vue'), meta: { part: 'cases', title: 'nav.cases' } },
    {
      path: '/cases/:id', component: () => import('../pages/CaseReview.vue'), props: true,
      meta: { part: 'cases', title: 'nav.cases' },
    },
    {
      path: '/consultations/:id?', component: () => import('../pages/Consultations.vue'), props: true,
      meta: { part: 'consultations', title: 'nav.consultations' },
    },
    { path: '/board', component: () => import('../pages/Board.vue'), meta: { part: 'board', title: 'nav.board' } },
    { path: '/orders', component: () => import('../pages/WorkOrders.vue'), meta: { part: 'orders', title: 'nav.orders' } },
    { path: '/orders/:id', component: () => import('../pages/WorkOrder.vue'), props: true, meta: { part: 'orders', title: 'nav.orders' } },
    { path: '/bookings', component: () => import('../pages/Bookings.vue'), meta: { part: 'bookings', title: 'nav.bookings' } },
    {
      path: '/reconciliations', component: () => import('../pages/Reconciliations.vue'),
      meta: { part: 'reconciliations', title: 'nav.reconciliations' },
    },
    {
      path: '/reconciliations/:id', component: () => import('../pages/ReconciliationRun.vue'), props: true,
      meta: { part: 'reconciliations', title: 'nav.reconciliations' },
    },
    { path: '/differences', component: () => import('../pages/Differences.vue'), meta: { part: 'differences', title: 'nav.differences' } },
    { path: '/differences/:id', component: () => import('../pages/DifferenceWork.vue'), props: true, meta: { part: 'differences', title: 'nav.differences' } },
    { path: '/days', component: () => import('../pages/Days.vue'), meta: { part: 'days', title: 'nav.days' } },
    { path: '/days/:day', component: () => import('../pages/DayClose.vue'), props: true, meta: { part: 'days', title: 'nav.days' } },
    { path: '/refunds', component: () => import('../pages/Refunds.vue'), meta: { part: 'refunds', title: 'nav.refunds' } },
    { path: '/money', component: () => import('../pages/MoneySearch.vue'), meta: { part: 'money', title: 'nav.money' } },
    { path: '/books', component: () => import('../pages/Ledger.vue'), meta: { part: 'books', title: 'nav.books' } },
    { path: '/mandates', component: () => import('../pages/Mandates.vue'), meta: { part: 'mandates', title: 'nav.mandates' } },
    { path: '/mandates/:id', component: () => import('../pages/MandateReview.vue'), props: true, meta: { part: 'mandates', title: 'nav.mandates' } },
    {
      path: '/mandates/agents', component: () => import('../pages/VillageAgents.vue'),
      meta: { part: 'mandates', title: 'agents.title', roles: ['supervisor'] },
    },
    { path: '/bills', component: () => import('../pages/Bills.vue'), meta: { part: 'bills', title: 'nav.bills' } },
    { path: '/bills/amendments', component: () => import('../pages/BillAmendments.vue'), meta: { part: 'bills', title: 'nav.bills' } },
    { path: '/bills/:id', component: () => import('../pages/Bill.vue'), props: true, meta: { part: 'bills', title: 'nav.bills' } },
    { path: '/till', component: () => import('../pages/Tills.vue'), meta: { part: 'till', title: 'nav.till' } },
    { path: '/till/:id', component: () => import('../pages/Till.vue'), props: true, meta: { part: 'till', title: 'nav.till' } },
    { path: '/rectifications', component: () => import('../pages/Rectifications.vue'), meta: { part: 'rectifications', title: 'nav.rectifications' } },
    { path: '/rectifications/:id', component: () => import('../pages/Rectification.vue'), props: true, meta: { part: 'rectifications', title: 'nav.rectifications' } },
    { path: '/knowledge', component: () => import('../pages/Knowledge.vue'), meta: { part: 'knowledge', title: 'nav.knowledge' } },
    { path: '/names', component: () => import('../pages/NameClaims.vue'), meta: { part: 'names', title: 'nav.names' } },
    { path: '/names/:id', component: () => import('../pages/NameClaimReview.vue'), props: true, meta: { part: 'names', title: 'nav.names' } },
    { path: '/replies', component: () => import('../pages/Replies.vue'), meta: { part: 'replies', title: 'nav.replies' } },
    { path: '/words', component: () => import('../pages/Wording.vue'), meta: { part: 'words', title: 'nav.words' } },
    { path: '/people', component: () => import('../pages/People.vue'), meta: { part: 'people', title: 'nav.people' } },
    { path: '/people/:id', component: () => import('../pages/PersonAccount.vue'), props: true, meta: { part: 'people', title: 'nav.people' } },
    { path: '/organisation', component: () => import('../pages/Organisation.vue'), meta: { part: 'organisation', title: 'nav.organisation' } },
    { path: '/duties', component: () => import('../pages/Duties.vue'), meta: { part: 'duties', title: 'nav.duties' } },
    { path: '/rosters', component: () => import('../pages/Rosters.vue'), meta: { part: 'rosters', title: 'nav.rosters' } },
    { path: '/corrections', component: () => import('../pages/DataCorrections.vue'), meta: { part: 'corrections', title: 'nav.corrections' } },
    { path: '/audit', component: () => import('../pages/Audit.vue'), meta: { part: 'audit', title: 'nav.audit' } },
    { path: '/me/sign-in', component: () => import('../pages/MySignIn.vue'), meta: { part: 'me', title: 'access.mine' } },
    { path: '/me', component: () => import('../pages/Me.vue'), meta: { part: 'me', title: 'nav.me' } },
    { path: '/no-access', component: () => import('../pages/NoAccess.vue'), meta: { title: 'state.forbidden' } },
    { path: '/:rest(.*)*', component: () => import('../pages/Missing.vue'), meta: { title: 'state.missing' } },
  ],
})

router.beforeEach((to) => {
  if (mustFirst.value) return to.path === '/first' || '/first'
  if (!signedIn.value && !to.meta.open) return { path: '/sign-in', query: to.redirectedFrom ? {} : { next: to.fullPath } }
  if (signedIn.value && (to.path === '/sign-in' || to.path === '/first')) return firstPart.value
  if (to.meta.part && !opens(to.meta.part, to.meta.roles)) return { path: '/no-access', query: { from: to.meta.part } }
  return true
})

const samePage = (to: RouteLocationNormalized, from: RouteLocationNormalized): boolean =>
  to.matched[0]?.path === from.matched[0]?.path && from.matched.length > 0

router.afterEach(async (to, from) => {
  document.title = `${t(to.meta.title)} · ${t('app.name')}`
  if (samePage(to, from) || from.matched.length === 0) return
  await nextTick()
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
})
