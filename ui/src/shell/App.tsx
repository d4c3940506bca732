import { lazy, Suspense } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { RegisterPage } from "../areas/accounts/RegisterPage";
import { RequireAccount } from "../areas/accounts/RequireAccount";
import { SetUpPage } from "../areas/accounts/SetUpPage";
import { SignInPage } from "../areas/accounts/SignInPage";
import { AuctionsPage } from "../areas/auctions/AuctionsPage";
import { NowPage } from "../areas/now/NowPage";
import { ErrorBoundary } from "./ErrorBoundary";
import { Layout } from "./Layout";
import { Loading } from "./Loading";
import { NotFoundPage } from "./NotFoundPage";

const RoomPage = lazy(() => import("../areas/auctions/RoomPage"));
const DeskPage = lazy(() => import("../areas/auctions/DeskPage"));
const ForgotPasswordPage = lazy(() => import("../areas/accounts/ForgotPasswordPage"));
const MyAccountPage = lazy(() => import("../areas/accounts/MyAccountPage"));
const ResetPasswordPage = lazy(() => import("../areas/accounts/ResetPasswordPage"));
const AdminPage = lazy(() => import("../areas/admin/AdminPage"));
const GroupsPage = lazy(() => import("../areas/groups/GroupsPage"));
const GroupPage = lazy(() => import("../areas/groups/GroupPage"));
const NotificationsPage = lazy(() => import("../areas/notifications/NotificationsPage"));
const MyBidsPage = lazy(() => import("../areas/auctions/MyBidsPage"));
const SalesPage = lazy(() => import("../areas/auctions/selling/SalesPage"));
const ChannelsPage = lazy(() => import("../areas/channels/ChannelsPage"));
const ChannelPage = lazy(() => import("../areas/channels/ChannelPage"));
const MyChannelPage = lazy(() => import("../areas/channels/hosting/MyChannelPage"));
const WatchPage = lazy(() => import("../areas/channels/watching/WatchPage"));
const NewAuctionPage = lazy(() => import("../areas/auctions/NewAuctionPage"));

/** Every page of the product, on one screen. */
export function App() {
  const { pathname } = useLocation();
  return (
    <Layout>
      <ErrorBoundary key={pathname}>
        <Suspense fallback={<Loading label="Opening the page" />}>
          <Routes>
            <Route index element={<Navigate to="/now" replace />} />
            <Route path="now" element={<NowPage />} />
            <Route path="auctions">
              <Route index element={<AuctionsPage />} />
              <Route path="new" element={<RequireAccount><NewAuctionPage /></RequireAccount>} />
              <Route path=":id" element={<RoomPage />} />
              <Route path=":id/desk" element={<RequireAccount><DeskPage /></RequireAccount>} />
            </Route>
            <Route path="channels">
              <Route index element={<RequireAccount><ChannelsPage /></RequireAccount>} />
              <Route path=":id" element={<RequireAccount><ChannelPage /></RequireAccount>} />
            </Route>
            <Route path="my-channel" element={<RequireAccount><MyChannelPage /></RequireAccount>} />
            <Route path="watch/:channelId" element={<WatchPage />} />
            <Route path="groups" element={<RequireAccount><GroupsPage /></RequireAccount>} />
            <Route path="groups/:id" element={<RequireAccount><GroupPage /></RequireAccount>} />
            <Route path="notifications" element={<RequireAccount><NotificationsPage /></RequireAccount>} />
            <Route path="sell" element={<RequireAccount><SalesPage /></RequireAccount>} />
            <Route path="my-bids" element={<RequireAccount><MyBidsPage /></RequireAccount>} />
            <Route path="admin/*" element={<RequireAccount><AdminPage /></RequireAccount>} />
            <Route path="sign-in" element={<SignInPage />} />
            <Route path="register" element={<RegisterPage />} />
            <Route path="forgot-password" element={<ForgotPasswordPage />} />
            <Route path="reset-password" element={<ResetPasswordPage />} />
            <Route path="account" element={<RequireAccount><MyAccountPage /></RequireAccount>} />
            <Route path="setup" element={<SetUpPage />} />
            <Route path="*" element={<NotFoundPage />} />
          </Routes>
        </Suspense>
      </ErrorBoundary>
    </Layout>
  );
}
